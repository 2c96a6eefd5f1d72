import { load } from 'js-yaml';
import type { KubeObject } from '../../kube/object.ts';
import { deepEqual, isRecord } from '../../lib/json.ts';

/**
 * What a submission makes, whoever submits, in a form that can be compared: lists of named things as maps, what differs from one
 * submission to the next as `…`, text of properties and templates parsed. Names of objects are left out.
 */
export interface Submitted {
  readonly pod: unknown;
  readonly service: unknown;
  readonly properties: unknown;
  readonly executorTemplate?: unknown;
  /** Kinds of objects beside the driver pod, its Service and the ConfigMaps with properties and template. */
  readonly more?: readonly string[];
}

/** Brings the objects of one submission into that form. Throws where pod, Service or properties are missing. */
export function submittedOf(objects: readonly KubeObject[]): Submitted {
  const pod = theOne(objects, 'the driver pod', ({ kind }) => kind === 'Pod');
  const service = theOne(objects, 'the Service', ({ kind }) => kind === 'Service');
  const conf = theOne(objects, 'the properties', (object) => fileOf(object, 'spark.properties') !== undefined);
  const template = objects.find((object) => templateIn(object) !== undefined);
  const more = objects.filter((object) => ![pod, service, conf, template].includes(object)).map(({ kind }) => kind);
  return comparable({
    pod: about(pod),
    service: about(service),
    properties: propertiesOf(fileOf(conf, 'spark.properties') ?? ''),
    ...(template === undefined ? {} : { executorTemplate: about(templateOf(template)) }),
    ...(more.length === 0 ? {} : { more: more.sort() }),
  }) as Submitted;
}

function theOne(objects: readonly KubeObject[], what: string, is: (object: KubeObject) => boolean): KubeObject {
  const found = objects.find(is);
  if (found === undefined) throw new Error(`${what} of the submission is missing`);
  return found;
}

function fileOf({ data }: KubeObject, name: string): string | undefined {
  const text = isRecord(data) ? data[name] : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** Spark's key of it, or ours. */
function templateIn(map: KubeObject): string | undefined {
  return fileOf(map, 'podspec-configmap-key') ?? fileOf(map, 'pod-spec-template.yml');
}

function templateOf(map: KubeObject): KubeObject {
  return load(templateIn(map) ?? '') as KubeObject;
}

function about({ metadata, spec }: KubeObject): unknown {
  const { labels = {}, annotations = {} } = metadata;
  const said = Object.entries({ labels, annotations }).filter(([, map]) => Object.keys(map).length > 0);
  return { ...Object.fromEntries(said), spec };
}

/** Parses the format of java.util.Properties as far as it is written here: one property a line. */
export function propertiesOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, key = '', value = ''] = /^((?:[^\\=:]|\\.)*)[=:](.*)$/.exec(line) ?? [];
      return [unescaped(key), unescaped(value)];
    }),
  );
}

function unescaped(text: string): string {
  const short: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_match, code: string | undefined, letter: string) =>
    code === undefined ? (short[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** What two submissions say alike, at every depth of maps; undefined where they differ altogether. */
export function common(one: unknown, other: unknown): unknown {
  if (!isRecord(one) || !isRecord(other)) return deepEqual(one, other) ? one : undefined;
  const shared = Object.entries(one).map(([key, item]) => [key, common(item, other[key])] as const);
  const said = shared.filter(([, item]) => item !== undefined);
  return said.length === 0 && Object.keys(one).length > 0 ? undefined : Object.fromEntries(said);
}

/** What is left of a submission without what another says alike. */
export function without(one: unknown, other: unknown): unknown {
  if (other === undefined) return one;
  if (!isRecord(one) || !isRecord(other)) return undefined;
  const left = Object.entries(one).map(([key, item]) => [key, without(item, other[key])] as const);
  const said = left.filter(([, item]) => item !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

/** Ids, drawn or reckoned: a UUID, the 32 or 16 digits of an application. */
const IDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b/g;

/** Properties that follow from when and where a submission is made. */
const VARYING: ReadonlySet<string> = new Set([
  'spark.app.submitTime',
  'spark.master',
  'spark.kubernetes.driver.podTemplateFile',
]);

function comparable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(IDS, '…');
  if (Array.isArray(value)) return listOf(value);
  if (!isRecord(value)) return value;
  const said = Object.entries(value).filter(([, item]) => item !== null && item !== undefined && !isEmptyList(item));
  return Object.fromEntries(said.map(([key, item]) => [key, VARYING.has(key) ? '…' : comparable(item)]).sort());
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Named things by name; anything else as it is. */
function listOf(items: readonly unknown[]): unknown {
  const names = items.map((item) => (isRecord(item) && typeof item.name === 'string' ? item.name : undefined));
  const distinct = new Set(names).size === items.length && !names.includes(undefined);
  if (!distinct) return items.map(comparable);
  const named = items.map((item, index) => {
    const { name: _name, ...rest } = item as Readonly<Record<string, unknown>>;
    return [names[index], comparable(rest)] as const;
  });
  return Object.fromEntries(named.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
}
