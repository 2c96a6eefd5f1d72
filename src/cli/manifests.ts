import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  boolCoreTag,
  boolYaml11Tag,
  CORE_SCHEMA,
  defineScalarTag,
  intCoreTag,
  loadAll,
  mergeTag,
  Schema,
  YAMLException,
} from 'js-yaml';
import { shownValue } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { CliError } from './exit.ts';

/** An octal number of YAML 1.1, such as the modes of files. */
const OCTAL = /^[-+]?0[0-7]+$/;

/** Whole numbers as kubectl reads them: `0644` is octal, and `_` between digits says nothing (goyaml.v2 of sigs.k8s.io/yaml 1.x). */
const kubectlIntTag = defineScalarTag(intCoreTag.tagName, {
  ...intCoreTag,
  resolve: (source, ...rest) => {
    const digits = source.replaceAll('_', '');
    return OCTAL.test(digits) ? Number.parseInt(digits, 8) : intCoreTag.resolve(digits, ...rest);
  },
});

/** YAML as kubectl reads it: `yes`, `on` and their like are booleans, `<<` merges. Whole numbers are tried before others. */
const KUBECTL_YAML = new Schema([
  kubectlIntTag,
  ...CORE_SCHEMA.tags.filter((tag) => tag !== boolCoreTag && tag !== intCoreTag),
  boolYaml11Tag,
  mergeTag,
]);

/** One object of a manifest, and where it stands. */
export interface Manifest {
  /** File and document for messages: `job.yaml document 2`, or `job.yaml` when the file has only one. */
  readonly where: string;
  readonly object: KubeObject;
  /** What is odd about its file though kubectl reads it, in one sentence. */
  readonly warning?: string;
}

/** A document that is no Kubernetes object: which one, and what is wrong with it in one line. */
export interface BadDocument {
  readonly where: string;
  readonly field: string;
  readonly value: string | undefined;
  readonly rule: string;
}

/** What the files hold, in order. */
export interface Manifests {
  readonly objects: readonly Manifest[];
  readonly bad: readonly BadDocument[];
}

/**
 * Reads manifest files and folders of them (`-` is standard input), with the folders below where it is to be recursive. Throws CliError naming
 * the file when one cannot be read.
 */
export function readManifests(paths: readonly string[], recursive = false): Manifests {
  const files = paths.flatMap((path) => (path === '-' ? path : filesAt(path, recursive)));
  const parts = files.map((path) => parseManifests(path === '-' ? 'standard input' : path, readText(path)));
  return { objects: parts.flatMap((part) => part.objects), bad: parts.flatMap((part) => part.bad) };
}

/** Takes a text apart: YAML or JSON, several documents, objects of kind List opened. `name` is used in messages. */
export function parseManifests(name: string, text: string): Manifests {
  let read: Documents;
  try {
    read = readDocuments(name, text);
  } catch (error) {
    return { objects: [], bad: [syntaxError(name, error)] };
  }
  const { documents, warning } = read;
  const several = documents.length > 1;
  const found = documents.flatMap((document, index) =>
    open(document, several ? `${name} document ${index + 1}` : name),
  );
  const odd = warning === undefined ? {} : { warning };
  const objects = found.flatMap((item) => ('object' in item ? [{ ...item, ...odd }] : []));
  return { objects, bad: found.flatMap((item) => ('object' in item ? [] : [item])) };
}

interface Documents {
  readonly documents: readonly unknown[];
  readonly warning?: string;
}

/** Of a key that is given twice the last counts, as with kubectl (sigs.k8s.io/yaml 1.x, not strict). Throws YAMLException. */
function readDocuments(name: string, text: string): Documents {
  const load = (json: boolean): unknown[] =>
    loadAll(text, { schema: KUBECTL_YAML, json }).filter((document) => document !== null && document !== undefined);
  try {
    return { documents: load(false) };
  } catch (error) {
    if (!(error instanceof YAMLException) || error.reason !== 'duplicated mapping key') throw error;
    const warning = `${placeOf(name, error)}: a key is given twice; kubectl takes the last of them, kustomize refuses the file`;
    return { documents: load(true), warning };
  }
}

/** The path itself, or what kubectl takes of a folder: its manifests by name, those of the folders below where it is to be recursive. */
function filesAt(path: string, recursive: boolean): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const names = readdirSync(path, { recursive, encoding: 'utf8' }).filter((name) => /\.(yaml|yml|json)$/.test(name));
  if (names.length === 0) {
    const hint = recursive ? '' : '; -R looks into the folders below';
    throw new CliError(`${path}: holds no file that ends in .yaml, .yml or .json${hint}`);
  }
  return names.sort().map((name) => join(path, name));
}

/** A file as text, `-` being standard input. Throws CliError naming the file when it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'is a folder, not a file' : message;
    throw new CliError(`${path}: ${why}`);
  }
}

function syntaxError(name: string, error: unknown): BadDocument {
  if (!(error instanceof YAMLException)) throw error;
  return {
    where: placeOf(name, error),
    field: 'document',
    value: undefined,
    rule: `be YAML or JSON (${error.reason})`,
  };
}

function placeOf(name: string, { mark }: YAMLException): string {
  return mark === undefined ? name : `${name} line ${mark.line + 1}`;
}

/** The objects of one document: itself, or the items of a List. */
function open(document: unknown, where: string): (Manifest | BadDocument)[] {
  if (!isRecord(document)) return [{ where, field: 'document', value: shownValue(document), rule: 'be a mapping' }];
  const { kind, items } = document;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item, index) => open(item, `${where} item ${index + 1}`));
  }
  const named = withName(document);
  const [wrong] = missingTexts(named);
  return [wrong === undefined ? { where, object: named as unknown as KubeObject } : { where, ...wrong }];
}

/** A document whose name the API server makes, which puts five characters behind what it is to begin with. */
function withName(document: Record<string, unknown>): Record<string, unknown> {
  const { metadata } = document;
  if (!isRecord(metadata) || metadata.name !== undefined || typeof metadata.generateName !== 'string') return document;
  return { ...document, metadata: { ...metadata, name: `${metadata.generateName}xxxxx` } };
}

/** What every object must say of itself and this one does not. */
function missingTexts(document: Record<string, unknown>): Omit<BadDocument, 'where'>[] {
  const { apiVersion, kind, metadata } = document;
  const name = isRecord(metadata) ? metadata.name : undefined;
  return Object.entries({ apiVersion, kind, 'metadata.name': name })
    .filter(([, value]) => typeof value !== 'string' || value === '')
    .map(([field, value]) => ({ field, value: shownValue(value), rule: 'be given as text' }));
}
