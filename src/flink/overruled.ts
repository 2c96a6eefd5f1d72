import { fieldPath } from '../kube/parse.ts';
import { IMAGE_OPTIONS } from './conf/cluster-rules.ts';
import { IGNORE_UNCLAIMED, RESTORE_PATH } from './conf/job-rules.ts';
import { flattenConfiguration } from './configuration.ts';
import type { ConfEntry, FlinkConf } from './flink-conf.ts';
import type { FlinkDeploymentSpec } from './schema.ts';

/** Spellings of one option, of which only one is left where a field of the spec gives it. */
const SPELLINGS: readonly (readonly string[])[] = [
  IMAGE_OPTIONS,
  IGNORE_UNCLAIMED,
  ['kubernetes.jobmanager.cpu.amount', 'kubernetes.jobmanager.cpu'],
  ['kubernetes.taskmanager.cpu.amount', 'kubernetes.taskmanager.cpu'],
];

/**
 * A sentence about each option of spec.flinkConfiguration that a field, or what running on Kubernetes takes, wins over with
 * another value, and about a parallelism that follows from something else. `conf` is the spec's effective configuration.
 */
export function overruledWarnings(spec: FlinkDeploymentSpec, conf: FlinkConf): readonly string[] {
  const own = [...flattenConfiguration(spec.flinkConfiguration)];
  return [...own.flatMap(([key, value]) => overruled(key, value, { spec, conf })), ...parallelismWarning(spec, conf)];
}

interface Given {
  readonly spec: FlinkDeploymentSpec;
  readonly conf: FlinkConf;
}

function overruled(key: string, value: string, { spec, conf }: Given): readonly string[] {
  const at = fieldPath(['spec', 'flinkConfiguration', key]);
  if (spec.job !== undefined && (RESTORE_PATH as readonly string[]).includes(key) && value.trim() !== '') {
    return [
      `${at} has no effect: a first run starts from spec.job.initialSavepointPath, a later one from its own state`,
    ];
  }
  const winner = winnerOf(key, conf);
  if (winner === undefined || winner.origin === 'user' || isSame(value, winner.value)) return [];
  const why =
    winner.origin === 'spec' ? `${winner.because} wins over it` : `it is always ${winner.value}: ${winner.because}`;
  return [`${at} has no effect: ${why}`];
}

function winnerOf(key: string, conf: FlinkConf): ConfEntry | undefined {
  const spellings = SPELLINGS.find((group) => group.includes(key)) ?? [];
  return [key, ...spellings].map((name) => conf.get(name)).find((entry) => entry !== undefined);
}

/** Empty text is an option not set, 0 a port that anybody may choose. */
function isSame(value: string, other: string): boolean {
  const text = value.trim();
  const asNumber = text !== '' && Number(text) === Number(other);
  return text === '' || text === '0' || text.toLowerCase() === other.trim().toLowerCase() || asNumber;
}

function parallelismWarning({ job }: FlinkDeploymentSpec, conf: FlinkConf): readonly string[] {
  const { value, because = '' } = conf.get('parallelism.default') ?? {};
  const asked = job?.parallelism ?? 0;
  if (asked <= 0 || value === `${asked}` || value === undefined) return [];
  return [`spec.job.parallelism has no effect: it is ${value}, ${because}`];
}
