import { unasked } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { findTrouble } from '../pods.ts';
import { type FlinkRecord, runs } from '../record.ts';
import { type Size, sizeInPlace } from '../scaling.ts';
import type { Intent, Situation } from '../situation.ts';
import { asksForRestart } from '../spec-diff.ts';
import { askForSize, rescale } from './rescale.ts';
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
  if (vertices !== undefined) {
    const step = rescale(situation, record, vertices);
    return step === 'done' ? done(situation, record) : step;
  }
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
    const action = { kind: 'patch', object: live, patch, because: message } as const;
    return askForSize(situation.now, record, { taskManagers }, action);
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

/** A JobManager that is there says soon whether its job can be scaled. */
function untilAnswered({ observed }: Situation): Intent | undefined {
  if (observed.rest.kind === 'known') return undefined;
  if (observed.rest !== unasked && findTrouble(observed)?.who.startsWith('JobManager') === true) return undefined;
  const message = 'waiting for the JobManager to tell whether the job can be scaled in place';
  return { because: 'WaitingForJobManager', message, phase: 'progressing', probe: 'fast' };
}

/** What runs has the size of the recorded spec: it stands as it stands. */
function done(situation: Situation, record: FlinkRecord): Intent | undefined {
  const { scaling: _scaling, ...rest } = record;
  const intent = run(situation);
  if (intent === undefined) return undefined;
  const left = intent.record === undefined ? {} : { restore: intent.record.restore };
  return { ...intent, record: { ...rest, ...left } };
}
