import { knownValue, unasked } from '../../core/fact.ts';
import { effectiveConf, type FlinkConf } from '../flink-conf.ts';
import { type JobOptions, jobOptions } from '../options.ts';
import { type FlinkRecord, lastStableSpec, recordedFailure, runs } from '../record.ts';
import { haMetadata } from '../restore.ts';
import type { FlinkDeployment, FlinkDeploymentSpec, UpgradeMode } from '../schema.ts';
import type { Intent, Situation, Target } from '../situation.ts';
import { asksForRestart, specDiff } from '../spec-diff.ts';
import { firstCheckpointMs, isWhole, provesItself } from '../stability.ts';
import { chooseStop } from '../upgrade.ts';

/**
 * What decisions go by while a spec is being rolled back or was: the last stable one instead of its author's, as if that
 * had been put back. An edit of the spec goes before. The resource's own spec is never changed.
 */
export function rolledBack(situation: Situation): Situation {
  const { record, target } = situation;
  if (record === undefined || target === undefined) return situation;
  const stable = stableTarget(situation, record, target);
  return stable === undefined ? situation : { ...situation, target: stable };
}

function stableTarget(situation: Situation, record: FlinkRecord, target: Target): Target | undefined {
  const { rejected, spec } = record;
  if (rejected !== undefined && rejected !== spec) return standingTarget(record, target);
  if (asksForRestart(target.diff)) return rejected === undefined ? undefined : anew(target);
  return target.desired === 'running' ? unprovenTarget(situation, record) : undefined;
}

/** Once the recorded spec had its time, and until its job is stopped. */
function unprovenTarget(situation: Situation, record: FlinkRecord): Target | undefined {
  const stable = lastStableSpec(situation.status);
  if (stable === undefined) return undefined;
  const wanted = targetFor(situation, record, stable);
  if (record.rejected !== undefined) return wanted;
  return isDue(situation, record, stable) && canStop(situation, record, wanted) ? wanted : undefined;
}

/** The last stable spec runs or is started: nothing differs, unless its author wants another by now, or this very one. */
function standingTarget(record: FlinkRecord, target: Target): Target | undefined {
  const { spec } = record;
  const own = specDiff(spec, target.spec);
  const differs = asksForRestart(target.diff);
  if (differs && runs(record) && !asksForRestart(own) && target.once === undefined) {
    return { ...target, diff: { ...own, kind: 'ignore' } };
  }
  if (differs) return anew(target);
  const { state, rejected } = record;
  const rejects = state === 'UPGRADING' && rejected !== undefined ? { rejects: rejected } : {};
  return { ...target, spec, mode: spec.job?.upgradeMode ?? 'stateless', diff: { kind: 'none', paths: [] }, ...rejects };
}

/** What runs is not what the spec was compared with, so that its size alone cannot be changed. */
function anew(target: Target): Target {
  return target.diff.kind === 'scale' ? { ...target, diff: { ...target.diff, kind: 'upgrade' } } : target;
}

function targetFor(situation: Situation, record: FlinkRecord, stable: FlinkDeploymentSpec): Target {
  const { paths } = specDiff(record.spec, stable);
  return {
    spec: withState(stable),
    generation: situation.resource.metadata.generation ?? 0,
    desired: 'running',
    mode: modeOf(situation, record, stable),
    whyEmpty: 'upgradeMode of the last stable spec is stateless',
    diff: { kind: 'upgrade', paths },
    rejects: record.rejected ?? record.spec,
  };
}

function withState(spec: FlinkDeploymentSpec): FlinkDeploymentSpec {
  return spec.job === undefined || spec.job === null ? spec : { ...spec, job: { ...spec.job, state: 'running' } };
}

/** The newest state of the rejected run: by high-availability data, else by a savepoint, else by its newest checkpoint. */
function modeOf({ observed, resource }: Situation, record: FlinkRecord, stable: FlinkDeploymentSpec): UpgradeMode {
  if ((stable.job?.upgradeMode ?? 'stateless') === 'stateless') return 'stateless';
  if (haMetadata(observed.haConfigMaps, resource.metadata.name, record.jobId).available) return 'last-state';
  const savepointFails = (record.stopping?.failures ?? 0) > 0;
  return knownValue(observed.rest)?.job?.state === 'RUNNING' && !savepointFails ? 'savepoint' : 'last-state';
}

/** Whether the recorded spec had its time, and there is another to go back to. */
function isDue(situation: Situation, record: FlinkRecord, stable: FlinkDeploymentSpec): boolean {
  if (!isCandidate(situation, record, stable)) return false;
  return recordedFailure(record) !== undefined || remainingMs(situation, record) <= 0;
}

function isCandidate(situation: Situation, record: FlinkRecord, stable: FlinkDeploymentSpec): boolean {
  const { spec } = record;
  if (!spec.job || stable.job?.state === 'suspended' || !optionsOf(situation, record).rollbackEnabled) return false;
  const diff = specDiff(stable, spec);
  if (stable.flinkVersion !== spec.flinkVersion || !asksForRestart(diff) || diff.kind === 'scale') return false;
  return (
    recordedFailure(record) !== undefined || (runs(record) && record.stopping === undefined && isUnproven(situation))
  );
}

/** The job does not run well, as far as anybody knows, and did not end as its author wants. */
function isUnproven(situation: Situation): boolean {
  const { observed, record } = situation;
  if (observed.rest === unasked && observed.jobManager !== undefined) return false;
  const answer = knownValue(observed.rest);
  const state = answer?.job?.state ?? situation.status?.jobStatus?.state;
  if (state === 'FINISHED' || state === 'CANCELED') return false;
  return answer === undefined || record === undefined || !provesItself(answer, confOf(situation, record));
}

function confOf({ resource, defaults }: Situation, { spec }: FlinkRecord): FlinkConf {
  return effectiveConf({ ...resource, spec } as FlinkDeployment, defaults);
}

function optionsOf(situation: Situation, record: FlinkRecord): JobOptions {
  return jobOptions(confOf(situation, record));
}

/** Time that is left to the recorded spec; a job that runs well but for its first checkpoint gets the time that may take. */
function remainingMs(situation: Situation, record: FlinkRecord): number {
  const { now, observed } = situation;
  const conf = confOf(situation, record);
  const answer = knownValue(observed.rest);
  const failed = answer?.checkpoints?.counts.failed ?? 0;
  const waits = answer?.job !== undefined && isWhole(answer.job) && failed === 0;
  const patience = jobOptions(conf).readinessTimeoutMs + (waits ? firstCheckpointMs(conf) : 0);
  return record.timestamp + patience - now.getTime();
}

/** A run whose newest state nobody knows is not left for another. */
function canStop(situation: Situation, record: FlinkRecord, target: Target): boolean {
  return !runs(record) || chooseStop(situation, record, target).kind !== 'manual';
}

/** Adds to what a pass wants that it is looked at again when the time of its spec is over, and says what was rolled back. */
export function withRollback(situation: Situation, intent: Intent): Intent {
  const { record, now } = situation;
  const noted = intent.record ?? record;
  if (noted === undefined) return intent;
  if (noted.rejected !== undefined) return intent.phase === 'settled' ? standing(noted, intent) : intent;
  const stable = lastStableSpec(situation.status);
  if (record === undefined || stable === undefined || !isCandidate(situation, record, stable)) return intent;
  const wait = Math.max(1000, record.timestamp + optionsOf(situation, record).readinessTimeoutMs - now.getTime());
  const remaining = Math.max(wait, remainingMs(situation, record));
  return { ...intent, requeueAfterMs: Math.min(intent.requeueAfterMs ?? remaining, remaining) };
}

function standing({ jobId }: FlinkRecord, intent: Intent): Intent {
  const message = `the spec did not become stable in time; job ${jobId} runs by the last stable spec until the spec is edited`;
  return { ...intent, because: 'RolledBack', message, phase: 'stalled' };
}
