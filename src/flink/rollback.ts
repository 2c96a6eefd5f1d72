import { firstCheckpointMs } from './checkpoint-times.ts';
import type { FlinkConf } from './flink-conf.ts';
import type { JobManagerAnswer } from './observed.ts';
import { jobOptions } from './options.ts';
import { type FlinkRecord, isRolledBack, lastStableSpec, recordedFailure, runs } from './record.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus, UpgradeMode } from './schema.ts';
import { asksForRestart, specDiff } from './spec-diff.ts';
import { isWhole } from './stability.ts';
import type { Wanted } from './wanted.ts';

/** A recorded spec that has to prove itself, and what its author wants by now. */
export interface Trial<T extends Wanted> {
  readonly record: FlinkRecord;
  readonly target: T;
  readonly status: FlinkDeploymentStatus | undefined;
  readonly now: Date;
  readonly answer: JobManagerAnswer | undefined;
  /** Since when the recorded spec has its time, in milliseconds since the epoch. */
  readonly since: number;
  /** What holds for the recorded spec. */
  readonly conf: () => FlinkConf;
  /** What it started does not do well, as far as anybody knows, and did not end as its author wants. */
  readonly isUnproven: () => boolean;
  /** Whether what runs may be left for a target: a run whose newest state nobody knows may not. */
  readonly mayLeave: (target: T) => boolean;
  /** A target of the same kind for a spec. */
  readonly targetFor: (spec: FlinkDeploymentSpec, asked: Omit<Wanted, 'spec'>) => T;
}

/**
 * What decisions go by while a spec is being rolled back or was: the last stable one, as if that had been put back.
 * Undefined where its author's own holds; an edit of the spec goes before.
 */
export function standIn<T extends Wanted>(trial: Trial<T>): T | undefined {
  const { record, target, status } = trial;
  const { rejected } = record;
  if (isRolledBack(record)) return standing(trial);
  if (asksForRestart(target.diff)) return rejected === undefined ? undefined : anew(target);
  const stable = lastStableSpec(status);
  if (target.desired !== 'running' || stable === undefined) return undefined;
  const wanted = backTo(trial, stable);
  if (rejected !== undefined) return wanted;
  return isDue(trial, stable) && trial.mayLeave(wanted) ? wanted : undefined;
}

/** The last stable spec runs or is started: nothing differs, unless its author wants another by now, or this very one. */
function standing<T extends Wanted>({ record, target, targetFor }: Trial<T>): T {
  const { spec, state, rejected } = record;
  const own = specDiff(spec, target.spec);
  const differs = asksForRestart(target.diff);
  if (differs && runs(record) && !asksForRestart(own) && target.once === undefined) {
    return { ...target, diff: { ...own, kind: 'ignore' } };
  }
  if (differs) return anew(target);
  const rejects = state === 'UPGRADING' && rejected !== undefined ? { rejects: rejected } : {};
  const mode = spec.job?.upgradeMode ?? 'stateless';
  return targetFor(spec, { ...target, mode, diff: { kind: 'none', paths: [] }, ...rejects });
}

/** What runs is not what the spec was compared with, so that its size alone cannot be changed. */
function anew<T extends Wanted>(target: T): T {
  return target.diff.kind === 'scale' ? { ...target, diff: { ...target.diff, kind: 'upgrade' } } : target;
}

function backTo<T extends Wanted>({ record, targetFor }: Trial<T>, stable: FlinkDeploymentSpec): T {
  const { paths } = specDiff(record.spec, stable);
  return targetFor(withState(stable), {
    desired: 'running',
    mode: modeOf(stable),
    whyEmpty: 'upgradeMode of the last stable spec is stateless',
    diff: { kind: 'upgrade', paths },
    rejects: record.rejected ?? record.spec,
  });
}

function withState(spec: FlinkDeploymentSpec): FlinkDeploymentSpec {
  return spec.job === undefined || spec.job === null ? spec : { ...spec, job: { ...spec.job, state: 'running' } };
}

/**
 * The newest snapshot that the rejected run completed by itself, else what it started from, which the last stable spec has
 * written: no savepoint is taken, since only the rejected program might be able to read it.
 */
function modeOf({ job }: FlinkDeploymentSpec): UpgradeMode {
  return (job?.upgradeMode ?? 'stateless') === 'stateless' ? 'stateless' : 'last-state';
}

/** Whether the recorded spec had its time, and there is another to go back to. */
function isDue<T extends Wanted>(trial: Trial<T>, stable: FlinkDeploymentSpec): boolean {
  if (!isCandidate(trial, stable)) return false;
  return recordedFailure(trial.record) !== undefined || remainingMs(trial) <= 0;
}

function isCandidate<T extends Wanted>({ record, conf, isUnproven }: Trial<T>, stable: FlinkDeploymentSpec): boolean {
  const { spec } = record;
  if (stable.job?.state === 'suspended' || stable.flinkVersion !== spec.flinkVersion) return false;
  const diff = specDiff(stable, spec);
  if (!asksForRestart(diff) || diff.kind === 'scale' || !jobOptions(conf()).rollbackEnabled) return false;
  return recordedFailure(record) !== undefined || (record.stopping === undefined && isUnproven());
}

/** Time that is left to the recorded spec; a job that runs well but for its first checkpoint gets the time that may take. */
function remainingMs<T extends Wanted>({ since, now, conf, answer }: Trial<T>): number {
  const failed = answer?.checkpoints?.counts.failed ?? 0;
  const waits = answer?.job !== undefined && isWhole(answer.job) && failed === 0;
  const patience = jobOptions(conf()).readinessTimeoutMs + (waits ? firstCheckpointMs(conf()) : 0);
  return since + patience - now.getTime();
}

/** A spec whose time is over is looked at again after this long, should nothing else happen before. */
const SOONEST_MS = 1000;

/** When the time of the recorded spec is over, in milliseconds from now; undefined where that changes nothing. */
export function trialEndsInMs<T extends Wanted>(trial: Trial<T>): number | undefined {
  const { since, now, conf, record, status } = trial;
  const stable = lastStableSpec(status);
  if (record.rejected !== undefined || stable === undefined || !isCandidate(trial, stable)) return undefined;
  return Math.max(SOONEST_MS, since + jobOptions(conf()).readinessTimeoutMs - now.getTime(), remainingMs(trial));
}

/** What of an intent a rollback has to do with. */
interface Judged {
  readonly because: string;
  readonly message: string;
  readonly phase: 'progressing' | 'settled' | 'stalled';
  readonly probe: 'off' | 'slow' | 'fast';
  readonly requeueAfterMs?: number;
}

/**
 * What a pass wants, looked at again when the time of the recorded spec is over, and with what was rolled back said where
 * nothing else is. `noted` is the record as it will be.
 */
export function underTrial<I extends Judged, T extends Wanted>(
  intent: I,
  noted: FlinkRecord | undefined,
  trial: Trial<T> | undefined,
): I {
  if (noted?.rejected !== undefined)
    return intent.phase === 'settled' ? { ...intent, ...rolledBackWords(noted) } : intent;
  const endsMs = trial === undefined ? undefined : trialEndsInMs(trial);
  if (endsMs === undefined) return intent;
  const requeueAfterMs = Math.min(intent.requeueAfterMs ?? endsMs, endsMs);
  // Asked now and then only, a job that fails again and again could be seen well each time.
  return { ...intent, requeueAfterMs, probe: intent.probe === 'slow' ? 'fast' : intent.probe };
}

/** What is said for as long as the last stable spec runs in place of the one its author wants. */
function rolledBackWords({ jobId }: FlinkRecord) {
  const runner = jobId === undefined ? 'the session' : `job ${jobId}`;
  const message = `the spec did not become stable in time; ${runner} runs by the last stable spec until the spec is edited`;
  return { because: 'RolledBack', message, phase: 'stalled' } as const;
}
