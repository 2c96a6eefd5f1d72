import { load } from 'js-yaml';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { ContainerStart } from '../process.ts';

/** What a driver finds when its container starts. */
export interface Installation {
  readonly properties: ReadonlyMap<string, string>;
  readonly namespace: string;
  /** `namespace/name` of the SparkApplication, by the label of either operator, or of the SparkConnect. */
  readonly application: string;
  readonly submissionId: string;
  readonly applicationId: string;
  readonly image: string;
  /** Arguments of the program. */
  readonly args: readonly string[];
  /** What executor pods are made from; undefined where none is given. */
  readonly template: Readonly<Record<string, unknown>> | undefined;
}

const PROPERTIES_FILE = '--properties-file';

/** Reads arguments, properties and pod template; undefined where a driver could not start with what is there. */
export function installation({ pod, container, file }: ContainerStart): Installation | undefined {
  const given = Array.isArray(container.args) ? container.args.map(String) : [];
  const text = file(given[given.indexOf(PROPERTIES_FILE) + 1] ?? '');
  if (given[0] !== 'driver' || text === undefined) return undefined;
  const properties = readProperties(text);
  const applicationId = properties.get('spark.app.id');
  const templatePath = properties.get('spark.kubernetes.executor.podTemplateFile');
  const template = templatePath === undefined ? undefined : file(templatePath);
  if (applicationId === undefined || (templatePath !== undefined && template === undefined)) return undefined;
  const parsed: unknown = template === undefined ? undefined : load(template);
  return {
    properties,
    namespace: properties.get('spark.kubernetes.namespace') ?? 'default',
    application: applicationOf(pod),
    submissionId: pod.metadata.labels?.['sparkoperator.k8s.io/submission-id'] ?? '',
    applicationId,
    image: String(container.image ?? ''),
    args: programArguments(given.slice(given.indexOf(PROPERTIES_FILE) + 2)),
    template: isRecord(parsed) ? parsed : undefined,
  };
}

function applicationOf({ metadata }: KubeObject): string {
  const { 'sparkoperator.k8s.io/app-name': application, 'sparkoperator.k8s.io/connect-name': connect } =
    metadata.labels ?? {};
  return keyOf({ ...metadata, name: application ?? connect ?? '' });
}

/** What follows the main class, if one is given, and the program's file. */
function programArguments(rest: readonly string[]): readonly string[] {
  return rest[0] === '--class' ? rest.slice(3) : rest.slice(1);
}

/** Reads what java.util.Properties would, as far as an operator writes it: one property a line, escapes with backslashes. */
export function readProperties(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = /(?<!\\)=/.exec(line)?.index ?? line.length;
      return [unescaped(line.slice(0, at)), unescaped(line.slice(at + 1))] as const;
    }),
  );
}

const CONTROL: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(u([0-9a-f]{4})|.)/g, (_all, character: string, code: string | undefined) =>
    code === undefined ? (CONTROL[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
