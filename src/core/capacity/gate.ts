import type { KubeObject } from '../../kube/object.ts';
import { fieldPath } from '../../kube/parse.ts';
import { type Fact, knownValue, unasked } from '../fact.ts';
import { type Issue, shownValue } from '../issue.ts';
import type { ClusterCapacity } from './survey.ts';
import type { Verdict } from './verdict.ts';

/** `wait`: nothing is started, and nothing that runs is stopped for a new spec, while the new pods do not fit. */
export const GATE_ANNOTATION = 'weir.dev/capacity-gate';

/** What is wrong with the gate's annotation, if it is there. */
export function gateIssues({ metadata }: KubeObject): readonly Issue[] {
  const value = metadata.annotations?.[GATE_ANNOTATION];
  if (value === undefined || value === 'wait') return [];
  const path = fieldPath(['metadata', 'annotations', GATE_ANNOTATION]);
  return [{ path, value: shownValue(value), rule: 'be "wait", or not be there' }];
}

/** Whether a resource asks to wait for room. */
export function isGated({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[GATE_ANNOTATION] === 'wait';
}

/** What is known of whether a start fits. */
export interface StartCheck {
  /** Undefined while nobody knows what the cluster can give. */
  readonly verdict: Verdict | undefined;
  /** See Plan.surveyNewerThan. */
  readonly surveyNewerThan: number | undefined;
  /** Why it is not begun yet, in words; only under the gate. */
  readonly held: string | undefined;
}

/** Nothing is to be started, so nothing is to be known. */
export const NO_CHECK: StartCheck = { verdict: undefined, surveyNewerThan: undefined, held: undefined };

/** What decides whether something is begun is at most this old. */
const FRESH_MS = 10_000;

/** While what was begun does not come up, this often is looked whether it fits by now. */
const LOOK_AGAIN_MS = 60_000;

/** A start that is worth a question, and what there is to answer it. */
export interface StartQuestion {
  readonly capacity: Fact<ClusterCapacity>;
  /** Nothing was done about it yet. */
  readonly open: boolean;
  /** It is open, and to be held back while it does not fit. */
  readonly gated: boolean;
  readonly now: Date;
  /** The verdict on its pods. */
  judge(answer: ClusterCapacity): Verdict;
}

/** Answers it. Under the gate an answer that was never asked for is waited for; one that cannot be had opens it. */
export function askWhetherItFits({ capacity, open, gated, now, judge }: StartQuestion): StartCheck {
  const answer = knownValue(capacity);
  if (answer === undefined) return unanswered(capacity, gated);
  const fresh = now.getTime() - answer.takenAt <= (open ? FRESH_MS : LOOK_AGAIN_MS);
  const surveyNewerThan = fresh ? undefined : answer.takenAt;
  if (!gated) return { verdict: fresh ? judge(answer) : undefined, surveyNewerThan, held: undefined };
  const verdict = judge(answer);
  return { verdict, surveyNewerThan, held: heldBy(verdict, fresh) };
}

function unanswered(capacity: Fact<ClusterCapacity>, gated: boolean): StartCheck {
  if (capacity !== unasked) return NO_CHECK;
  return { verdict: undefined, surveyNewerThan: 0, held: gated ? ASKING : undefined };
}

const ASKING = 'asking what the cluster can give';

/** A shortage holds even when it is not quite fresh, so that what is said does not change from look to look. */
function heldBy(verdict: Verdict, fresh: boolean): string | undefined {
  if (verdict.kind === 'does-not-fit') return verdict.message;
  return fresh ? undefined : ASKING;
}
