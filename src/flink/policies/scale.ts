import { knownValue, unasked } from '../../core/fact.ts';
import type { Action } from '../../core/plan.ts';
import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted } from '../../kube/object.ts';
import { deepEqual, isRecord } from '../../lib/json.ts';
import { normal, warning } from '../events.ts';
import { isTerminal, type JobFacts, type JobManagerAnswer } from '../observed.ts';
import { findTrouble } from '../pods.ts';
import { type FlinkRecord, runs, type Scaling } from '../record.ts';
import { hasSizes, type Size, sizeInPlace } from '../scaling.ts';
import type { FlinkEffect, Intent, Situation } from '../situation.ts';
import { asksForRestart } from '../spec-diff.ts';
import { run } from './run.ts';

/**
 * What runs is to have another size, and nothing else of the spec differs: it is given that size in place where it can be.
 * The spec and the size are recorded before anybody is asked, the size until what runs has it. Undefined where only a start
 * can do it: the next policies see to that.
 */
export const scaleInPlace: Policy<Situation, Intent> = (situation) => {
  const { record, target, cluster } = situation;
  if (record === undefined || !runs(record) || record.stopping !== undefined) return undefined;
  if (target?.desired !== 'running' || cluster !== 'current') return undefined;
  if (target.diff.kind !== 'scale') {
    return asksForRestart(target.diff) ? undefined : towards(situation, record, record.scaling);
  }
  const size = sizeInPlace(situation);
  if (size?.vertices === undefined) return towards(situation, { ...record, spec: target.spec }, size);
  return untilAnswered(situation) ?? towards(situation, { ...record, spec: target.spec }, size);
};

function towards(situation: Situation, record: FlinkRecord, size: Size | undefined): Intent | undefined {
  const { taskManagers, vertices } = size ?? {};
  if (vertices !== undefined) return rescale(situation, record, vertices);
  return taskManagers === undefined ? undefined : resize(situation, record, taskManagers);
}

/** A TaskManager Deployment that is not there is made in the recorded size where it is found to be missing. */
function resize(situation: Situation, record: FlinkRecord, taskManagers: number): Intent | undefined {
  const { taskManager: live } = situation.observed;
  if (live === undefined || isBeingDeleted(live)) return done(situation, record);
  const replicas = isRecord(live.spec) ? (live.spec.replicas ?? 1) : 1;
  if (replicas !== taskManagers) {
    const message = `TaskManagers are scaled from ${replicas} to ${taskManagers}, the job is not started anew`;
    const patch = { spec: { replicas: taskManagers } };
    return ask(situation, record, { taskManagers }, { kind: 'patch', object: live, patch, because: message });
  }
  const ready = isRecord(live.status) ? (live.status.readyReplicas ?? 0) : 0;
  return ready === taskManagers || record.scaling === undefined
    ? done(situation, record)
    : untilReady(situation, record, `waiting for ${taskManagers} TaskManagers, ${ready} ready`);
}

/** Says what is in the way, if anything is. */
function untilReady(situation: Situation, record: FlinkRecord, message: string): Intent | undefined {
  const stands = run(situation);
  const waits = { because: 'Scaling', message, phase: 'progressing', record, probe: 'fast' } as const;
  return stands?.phase === 'settled' ? { ...stands, ...waits } : stands;
}

type Vertices = NonNullable<Size['vertices']>;

/** Through Flink's resource requirements. */
function rescale(situation: Situation, record: FlinkRecord, vertices: Vertices): Intent | undefined {
  const answer = knownValue(situation.observed.rest);
  if (answer?.job === undefined) return undefined;
  const before = isSameSize({ vertices }, record.scaling) ? record.scaling : undefined;
  const end = before === undefined ? undefined : outcome(situation, record, { ...before, vertices }, answer);
  if (end !== undefined || !canScale(answer.job)) return end;
  const sizes = Object.entries(vertices).map(([id, size]) => `${id}: ${size}`);
  const because = `Flink is asked for the parallelism ${sizes.join(', ')}, the job is not started anew`;
  const effect = { kind: 'rescale', jobId: answer.job.id, vertices } as const;
  return ask(situation, record, { vertices }, { kind: 'effect', effect, because });
}

/** Requests for the same sizes before the cluster is started anew instead. */
const MAX_ATTEMPTS = 4;

/** What became of a request: the sizes are had once Flink says so, and nobody's concern once the job has ended. */
function outcome(
  situation: Situation,
  record: FlinkRecord,
  scaling: Scaling & { readonly vertices: Vertices },
  { job, requirements }: JobManagerAnswer,
): Intent | undefined {
  if (job !== undefined && isTerminal(job.state)) return done(situation, record);
  if (requirements?.kind === 'refused') return failed(record, scaling, requirements.why);
  if (requirements !== undefined && hasSizes(requirements.bounds, scaling.vertices)) return done(situation, record);
  const { attempts } = scaling;
  if (attempts < MAX_ATTEMPTS || !isDue(situation, scaling)) return undefined;
  return failed(record, scaling, `Flink was asked ${attempts} times and does not do it`);
}

/** Neither over nor on its way there. */
function canScale({ state }: JobFacts): boolean {
  return !isTerminal(state) && state !== 'RECONCILING' && state !== 'CANCELLING' && state !== 'FAILING';
}

/** A JobManager that is there says soon whether its job can be scaled. */
function untilAnswered({ observed }: Situation): Intent | undefined {
  if (observed.rest.kind === 'known') return undefined;
  if (observed.rest !== unasked && findTrouble(observed)?.who.startsWith('JobManager') === true) return undefined;
  const message = 'waiting for the JobManager to tell whether the job can be scaled in place';
  return { because: 'WaitingForJobManager', message, phase: 'progressing', probe: 'fast' };
}

/** Recorded, so that the cluster is started anew whatever is known then. */
function failed(record: FlinkRecord, scaling: Scaling, why: string): Intent {
  const message = `the job cannot be scaled in place: ${why}; its cluster is started anew`;
  return {
    because: 'ScalingFailed',
    message,
    phase: 'progressing',
    record: { ...record, scaling: { ...scaling, failed: why } },
    events: [warning('ScalingFailed', message, 'Job')],
    probe: 'fast',
  };
}

/** Time between two requests for the same size. */
const RETRY_MS = 5000;

/** Records the size and asks for it; the same again only after a while, since the answer is on its way. */
function ask(situation: Situation, record: FlinkRecord, size: Size, action: Action<FlinkEffect>): Intent {
  const before = isSameSize(size, record.scaling) ? record.scaling : undefined;
  const waits = before !== undefined && !isDue(situation, before);
  const scaling: Scaling = {
    ...size,
    askedAt: situation.now.getTime(),
    attempts: (before?.attempts ?? 0) + 1,
  };
  const { because: message } = action;
  return {
    because: 'Scaling',
    message,
    phase: 'progressing',
    record: waits ? record : { ...record, scaling },
    actions: waits ? [] : [action],
    events: before === undefined ? [normal('Scaling', message, 'Job')] : [],
    requeueAfterMs: RETRY_MS,
    probe: 'fast',
  };
}

function isDue({ now }: Situation, { askedAt }: Scaling): boolean {
  return now.getTime() - askedAt >= RETRY_MS;
}

function isSameSize({ taskManagers, vertices }: Size, other: Size | undefined): boolean {
  return other !== undefined && deepEqual([taskManagers, vertices], [other.taskManagers, other.vertices]);
}

/** What runs has the size of the recorded spec: it stands as it stands. */
function done(situation: Situation, record: FlinkRecord): Intent | undefined {
  const { scaling: _scaling, ...rest } = record;
  const intent = run(situation);
  if (intent === undefined) return undefined;
  const left = intent.record === undefined ? {} : { restore: intent.record.restore };
  return { ...intent, record: { ...rest, ...left } };
}
