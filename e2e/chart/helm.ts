import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { kubernetesVersion, programs } from '../cluster/programs.ts';
import { run, tryRun } from '../lib/run.ts';

/** The chart's folder. */
export const chartFolder = join(import.meta.dirname, '../../charts/weir');

/** The parts of rendered objects that tests look at. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  readonly subjects?: readonly { name: string; namespace: string }[];
  readonly data?: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: what is in it depends on the kind
  readonly spec?: any;
}

/** `helm template` of the chart as release `release` in namespace `ops`, with values as an object. */
export interface Helm {
  /** What it prints. Rejects with helm's words when it refuses. */
  text(values?: object): Promise<string>;
  /** The objects it prints. */
  render(values?: object): Promise<readonly Rendered[]>;
  /** What helm says; rejects when it does not refuse. */
  refusal(values: object): Promise<string>;
  lint(): Promise<string>;
}

/** Helm, built the first time on a machine, which takes minutes. */
export async function openHelm(): Promise<Helm> {
  const { helm } = await programs(['helm']);
  const version = ['--kube-version', kubernetesVersion];
  const template = async (values: object) => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-chart-'));
    const file = join(folder, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    const args = ['template', 'release', chartFolder, '--namespace', 'ops', ...version, '--values', file];
    return tryRun(helm, args).finally(() => rmSync(folder, { recursive: true }));
  };
  const text = async (values: object = {}): Promise<string> => {
    const { code, stdout, stderr } = await template(values);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  return {
    text,
    render: async (values) => (loadAll(await text(values)) as (Rendered | null)[]).filter((object) => object !== null),
    async refusal(values) {
      const { code, stderr } = await template(values);
      if (code === 0) throw new Error(`helm renders ${JSON.stringify(values)}`);
      return stderr;
    },
    lint: () => run(helm, ['lint', '--strict', chartFolder, ...version]),
  };
}

/** Names of the objects of a kind that stay, so without hooks, with their namespaces, sorted. */
export function named(objects: readonly Rendered[], kind: string): readonly string[] {
  return objects
    .filter((object) => object.kind === kind && object.metadata.annotations?.['helm.sh/hook'] === undefined)
    .map(({ metadata: { name, namespace } }) => (namespace === undefined ? name : `${namespace}/${name}`))
    .sort();
}

/** The only object of a kind. Throws when there is none or more. */
export function only(objects: readonly Rendered[], kind: string): Rendered {
  const [found, ...more] = objects.filter((object) => object.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`not one ${kind}: ${named(objects, kind).join(', ')}`);
  return found;
}

/** Values of the second over those of the first, map by map. */
export function merged(first: object, second: object): object {
  const entries = Object.entries(second).map(([key, value]) => {
    const below = (first as Record<string, unknown>)[key];
    const maps = [below, value].every((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
    return [key, maps ? merged(below as object, value as object) : value];
  });
  return { ...first, ...Object.fromEntries(entries) };
}
