import type { Policy } from '../../../core/reconciler.ts';
import { rescale } from '../../policies/rescale.ts';
import { runs } from '../../record.ts';
import { asksForRestart } from '../../spec-diff.ts';
import type { VertexSizes } from '../../vertex-sizes.ts';
import type { SessionJobRecord } from '../record.ts';
import { sizesInPlace } from '../scaling.ts';
import type { Intent, Situation } from '../situation.ts';
import { awaitAnswer } from './await-session.ts';
import { run } from './run.ts';

/**
 * Only sizes of vertices of the running job differ: it is given them in place where its session can do that, as with a
 * FlinkDeployment. The spec and the sizes are recorded before the session is asked.
 */
export const scaleInPlace: Policy<Situation, Intent> = (situation) => {
  const { record, target, observed } = situation;
  if (record === undefined || !runs(record) || record.stopping !== undefined) return undefined;
  if (target?.desired !== 'running') return undefined;
  if (target.diff.kind !== 'scale') {
    return asksForRestart(target.diff) ? undefined : towards(situation, record, record.scaling?.vertices);
  }
  const sizes = sizesInPlace(situation);
  if (sizes !== undefined && observed.rest.kind !== 'known') {
    return awaitAnswer(situation, 'it says whether the job can be scaled in place');
  }
  return towards(situation, { ...record, spec: target.spec }, sizes);
};

function towards(situation: Situation, record: SessionJobRecord, sizes: VertexSizes | undefined): Intent | undefined {
  if (sizes === undefined) return undefined;
  const step = rescale(situation, record, sizes);
  return step === 'done' ? done(situation, record) : step;
}

/** The job has the sizes of the recorded spec: it stands as it stands. */
function done(situation: Situation, { scaling: _scaling, ...record }: SessionJobRecord): Intent | undefined {
  const intent = run(situation);
  return intent === undefined ? undefined : { ...intent, record };
}
