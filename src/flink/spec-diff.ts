import { deepEqual, isRecord } from '../lib/json.ts';
import { remembered } from '../lib/remembered.ts';
import { meaningOf } from './spec-quantities.ts';

/**
 * What a difference between two specs asks for, the weakest first: nothing at all, a note in the record, another size of
 * what runs (a restart of the cluster where that cannot be had in place), a restart, or a restart from
 * spec.job.initialSavepointPath whatever state the job has. Of several fields the strongest counts.
 */
export type DiffKind = 'none' | 'ignore' | 'scale' | 'upgrade' | 'redeploy';

/** The difference between the spec that was last acted on and the one wanted now. */
export interface SpecDiff {
  readonly kind: DiffKind;
  /** Dotted paths that differ, sorted: `job.parallelism`, `flinkConfiguration.state.backend`. */
  readonly paths: readonly string[];
}

/**
 * Fields whose change never restarts a job (Flink Kubernetes Operator 1.15, DiffType.IGNORE), and configuration keys
 * that only the operator reads.
 */
const IGNORED = [
  /^job\.(savepointTriggerNonce|checkpointTriggerNonce|initialSavepointPath|upgradeMode|allowNonRestoredState|autoscalerResetNonce|savepointRedeployNonce)$/,
  /^flinkConfiguration\.(job\.autoscaler|kubernetes\.operator)\./,
  /^flinkConfiguration\.parallelism\.default$/,
];

/** Fields that only say how large what runs is, by spec.mode (Flink Kubernetes Operator 1.15, DiffType.SCALE). */
const SCALING = {
  native: /^flinkConfiguration\.pipeline\.jobvertex-parallelism-overrides(\.|$)/,
  standalone: /^(job\.parallelism|taskManager\.replicas)$/,
} as const;

/** Values that mean the same as an absent field, because the operator fills them in (anchors: defaults applied in code). */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  mode: 'native',
  'job.state': 'running',
  'job.upgradeMode': 'stateless',
  'job.parallelism': 0,
  'jobManager.replicas': 1,
};

type Flat = Map<string, unknown>;

/**
 * Compares two specs as users mean them: null, empty objects and lists and defaults equal absence, nested and flat
 * configuration are the same, spellings of one scalar or amount are the same, and clearing `restartNonce` is no change.
 */
export function specDiff(before: unknown, after: unknown): SpecDiff {
  return isRecord(before) && isRecord(after) ? diffsFrom(before)(after) : diffOf(before, after);
}

/** Every pass compares the same few specs. */
const diffsFrom = remembered((before: Record<string, unknown>) =>
  remembered((after: Record<string, unknown>) => diffOf(before, after)),
);

function diffOf(before: unknown, after: unknown): SpecDiff {
  const [old, wanted] = [flatten(before), flatten(after)];
  const paths = [...new Set([...old.keys(), ...wanted.keys()])]
    .filter((path) => !sameValue(old.get(path), wanted.get(path)))
    .filter((path) => !(path === 'restartNonce' && wanted.get(path) === undefined))
    .sort();
  if (paths.length === 0) return { kind: 'none', paths };
  if (paths.includes(REDEPLOY) && wanted.has(REDEPLOY)) return { kind: 'redeploy', paths };
  const weighty = paths.filter((path) => !IGNORED.some((rule) => rule.test(path)));
  if (weighty.length === 0) return { kind: 'ignore', paths };
  const scaling = SCALING[wanted.get('mode') === 'standalone' ? 'standalone' : 'native'];
  return { kind: weighty.every((path) => scaling.test(path)) ? 'scale' : 'upgrade', paths };
}

/** Whether a difference asks for another run of the job, unless what runs is scaled in place. */
export function asksForRestart({ kind }: SpecDiff): boolean {
  return kind === 'scale' || kind === 'upgrade' || kind === 'redeploy';
}

/** A change of this number to any but none starts the job from spec.job.initialSavepointPath. */
const REDEPLOY = 'job.savepointRedeployNonce';

/** Lists are the same item by item, by the rules that hold for whole specs: the incumbent records `cpu: 1` as text. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (isRecord(a) && isRecord(b)) return sameFlat(flat(a), flat(b));
  return deepEqual(a, b) || (isScalar(a) && isScalar(b) && String(a) === String(b));
}

function sameFlat(a: Flat, b: Flat): boolean {
  return a.size === b.size && [...a].every(([path, value]) => sameValue(value, b.get(path)));
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function flatten(spec: unknown): Flat {
  return isRecord(spec) ? flattened(spec) : new Map();
}

const flattened = remembered(
  (spec: Record<string, unknown>): Flat =>
    new Map([...flat(spec)].filter(([path, value]) => !sameValue(DEFAULTS[path], value))),
);

/** Values by dotted path, without nulls, empty objects and empty lists. */
function flat(value: unknown): Flat {
  const into: Flat = new Map();
  collect(value, '', into);
  return into;
}

function collect(value: unknown, path: string, into: Flat): void {
  if (value === null || value === undefined) return;
  if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) collect(item, path === '' ? key : `${path}.${key}`, into);
    return;
  }
  if (Array.isArray(value) && value.length === 0) return;
  into.set(path, meaningOf(path, value));
}
