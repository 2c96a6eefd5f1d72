import type { ClusterCapacity } from '../core/capacity/survey.ts';
import { capacityVerdict, type Verdict } from '../core/capacity/verdict.ts';
import { type Fact, knownValue, unasked } from '../core/fact.ts';
import { type Issue, shownValue } from '../core/issue.ts';
import { type Condition, type ConditionDraft, findCondition } from '../kube/conditions.ts';
import type { KubeObject } from '../kube/object.ts';
import { fieldPath } from '../kube/parse.ts';
import { clusterPods } from './demand.ts';
import { effectiveConf, type OperatorDefaults } from './flink-conf.ts';
import type { FlinkRecord } from './record.ts';
import type { FlinkDeployment, FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';

/** `wait`: nothing is started, and nothing that runs is stopped for a new spec, while the new pods do not fit. */
export const GATE_ANNOTATION = 'weir.dev/capacity-gate';

/** The condition that says whether what is to run fits. */
export const CAPACITY_CONDITION = 'CapacityAvailable';

/** What decides whether something is begun is at most this old. */
const FRESH_MS = 10_000;

/** While what was begun does not come up, this often is looked whether it fits by now. */
const LOOK_AGAIN_MS = 60_000;

/** A start that is wanted or under way. */
export interface PendingStart {
  readonly resource: KubeObject;
  readonly status: FlinkDeploymentStatus | undefined;
  readonly record: FlinkRecord | undefined;
  /** What is to run. */
  readonly spec: FlinkDeploymentSpec;
  /** The spec asks for another run than the recorded one. */
  readonly asksForRestart: boolean;
  readonly capacity: Fact<ClusterCapacity>;
  /** All pods of the resource, of any run. */
  readonly pods: readonly KubeObject[];
  readonly defaults: OperatorDefaults;
  readonly now: Date;
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

/**
 * Compares the pods that are to run with what the cluster can give, at any moment of a start: pods of the resource that
 * are there already, of the old run or the new one, count as free, since the demand is all of the new run. An answer that
 * was never asked for is waited for under the gate; one that cannot be had opens it.
 */
export function checkStart(start: PendingStart): StartCheck {
  const gated = gateOf(start.resource) === 'wait' && isOpen(start);
  if (!gated && !isWorthKnowing(start)) return NO_CHECK;
  const answer = knownValue(start.capacity);
  if (answer === undefined) return unanswered(start.capacity, gated);
  const limit = isOpen(start) ? FRESH_MS : LOOK_AGAIN_MS;
  const fresh = start.now.getTime() - answer.takenAt <= limit;
  const surveyNewerThan = fresh ? undefined : answer.takenAt;
  if (!gated) return { verdict: fresh ? verdictOn(start, answer) : undefined, surveyNewerThan, held: undefined };
  const verdict = verdictOn(start, answer);
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

/** Another run is wanted and nothing was done about it yet: what runs, if anything does, can still be left alone. */
function isOpen({ asksForRestart, record }: PendingStart): boolean {
  if (!asksForRestart) return false;
  return (
    record === undefined ||
    (record.state === 'DEPLOYED' && record.stopping === undefined && record.scaling === undefined)
  );
}

/** A start is wanted or under way, and was not found to fit for this generation yet. */
function isWorthKnowing(start: PendingStart): boolean {
  if (isOpen(start)) return true;
  const { resource, status } = start;
  const condition = capacityCondition(status);
  const passed = condition?.status === 'True' && condition.observedGeneration === resource.metadata.generation;
  return !passed && isUnderWay(start);
}

/** By what was last said of it, so that a resource at rest costs nothing, least of all after a restart of the operator. */
function isUnderWay({ record, status }: PendingStart): boolean {
  if (record === undefined || record.state === 'UPGRADING') return true;
  return findCondition(conditionsOf(status), 'Reconciling')?.status === 'True';
}

type Wanted = Pick<PendingStart, 'resource' | 'spec' | 'pods' | 'defaults'>;

function verdictOn({ resource, spec, defaults, pods }: Wanted, answer: ClusterCapacity): Verdict {
  const deployment = { ...resource, spec } as FlinkDeployment;
  const leaving = new Set(pods.flatMap(({ metadata }) => metadata.uid ?? []));
  return capacityVerdict({ groups: clusterPods(deployment, effectiveConf(deployment, defaults)), leaving }, answer);
}

/** The verdict on a spec that would be started now; what is not known makes it unknown. */
export function checkCapacity(wanted: Wanted, capacity: Fact<ClusterCapacity>): Verdict {
  if (capacity.kind === 'known') return verdictOn(wanted, capacity.value);
  return { kind: 'unknown', message: capacity.kind === 'unknown' ? capacity.why : 'nothing is known of the cluster' };
}

/** What is wrong with the gate's annotation, if it is there. */
export function gateIssues({ metadata }: KubeObject): readonly Issue[] {
  const value = metadata.annotations?.[GATE_ANNOTATION];
  if (value === undefined || value === 'wait') return [];
  const path = fieldPath(['metadata', 'annotations', GATE_ANNOTATION]);
  return [{ path, value: shownValue(value), rule: 'be "wait", or not be there' }];
}

function gateOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[GATE_ANNOTATION];
}

function conditionsOf(status: FlinkDeploymentStatus | undefined): readonly Condition[] {
  return (status?.conditions ?? []) as readonly Condition[];
}

function capacityCondition(status: FlinkDeploymentStatus | undefined): Condition | undefined {
  return findCondition(conditionsOf(status), CAPACITY_CONDITION);
}

/** Why the condition stands as it does, besides the shortages. */
export const CAPACITY_REASONS = { fits: 'Fits', mayFit: 'AutoscalerMayAddNodes', unknown: 'CapacityUnknown' } as const;

/** Reason and status of the condition for a verdict. */
export function verdictWords(verdict: Verdict): Pick<ConditionDraft, 'status' | 'reason'> {
  switch (verdict.kind) {
    case 'fits':
      return { status: 'True', reason: CAPACITY_REASONS.fits };
    case 'does-not-fit':
      return { status: 'False', reason: verdict.reason };
    case 'may-fit-with-autoscaler':
      return { status: 'Unknown', reason: CAPACITY_REASONS.mayFit };
    case 'unknown':
      return { status: 'Unknown', reason: CAPACITY_REASONS.unknown };
  }
}

/** How the condition is to be drafted. */
export interface CapacityNews {
  readonly status: FlinkDeploymentStatus | undefined;
  readonly check: StartCheck;
  /** All of the resource runs as wanted. */
  readonly settled: boolean;
  /** Nothing is to run. */
  readonly suspended: boolean;
}

/**
 * The condition: of the newest verdict, else as it was. What came to run after all did fit; what fitted for this
 * generation keeps its words, since the free amounts of a cluster change all the time.
 */
export function capacityDraft(news: CapacityNews, generation: number): ConditionDraft[] {
  const { status, check, settled, suspended } = news;
  const old = capacityCondition(status);
  if (check.verdict !== undefined) {
    const words = verdictWords(check.verdict);
    if (old?.status === 'True' && words.status === 'True' && old.observedGeneration === generation) return [kept(old)];
    return [{ type: CAPACITY_CONDITION, ...words, message: check.verdict.message, observedGeneration: generation }];
  }
  if (old === undefined || suspended) return [];
  if (!settled || old.status === 'True') return [kept(old)];
  const message = 'all pods found their place';
  return [
    {
      type: CAPACITY_CONDITION,
      status: 'True',
      reason: CAPACITY_REASONS.fits,
      message,
      observedGeneration: generation,
    },
  ];
}

function kept({ lastTransitionTime: _time, ...draft }: Condition): ConditionDraft {
  return draft;
}
