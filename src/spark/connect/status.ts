import { CAPACITY_CONDITION } from '../../core/capacity/condition.ts';
import { drafter, STANDING } from '../../core/standing.ts';
import { type Condition, type ConditionDraft, mergeConditions } from '../../kube/conditions.ts';
import type { KubeObject } from '../../kube/object.ts';
import { deepEqual } from '../../lib/json.ts';
import { SPARK_LABELS } from '../conf/submission.ts';
import type { SparkApplicationStatus } from '../schema.ts';
import { clientServiceName } from './desired.ts';
import type { ConnectReason } from './reasons.ts';
import type { ConnectState, SparkConnectStatus } from './schema.ts';
import type { ConnectSituation } from './situation.ts';

/** Condition types Weir owns on a SparkConnect; ServerPodReady is the incumbent's. */
const OWNED = [...STANDING, CAPACITY_CONDITION, 'ServerPodReady'] as const;

/** The only place where a SparkConnect's status is made: from that of its run. */
export function connectStatus(situation: ConnectSituation, run: SparkApplicationStatus): SparkConnectStatus {
  const { status, now } = situation;
  const { lastUpdateTime, ...before } = status;
  const next = withoutTime(situation, run);
  const changed = lastUpdateTime === undefined || !deepEqual(before, next);
  return { ...next, lastUpdateTime: changed ? seconds(now) : lastUpdateTime };
}

function withoutTime(situation: ConnectSituation, run: SparkApplicationStatus): SparkConnectStatus {
  const { resource, status, spec, refusal, now } = situation;
  const { conditions = [], observedGeneration: _generation, ...recorded } = run;
  const pod = podOf(situation, run);
  const starts = run.submissionAttempts ?? 0;
  return {
    state: stateOf(run, pod),
    server: {
      ...(pod === undefined ? {} : { podName: pod.metadata.name, ...address(pod) }),
      ...(refusal === undefined ? { serviceName: clientServiceName(resource, spec) } : {}),
    },
    executors: phases(situation, run),
    startTime: status.startTime ?? seconds(now),
    restartAttempts: Math.max(0, starts - 1),
    ...(starts > 1 ? { lastRestartTime: run.lastSubmissionAttemptTime } : {}),
    observedGeneration: resource.metadata.generation ?? 0,
    run: recorded,
    conditions: conditionsOf(situation, conditions as readonly Condition[], { run, pod }),
  };
}

function podOf({ observed }: ConnectSituation, { submissionID }: SparkApplicationStatus): KubeObject | undefined {
  return observed.drivers.find(
    ({ metadata }) => submissionID !== undefined && metadata.labels?.[SPARK_LABELS.submissionId] === submissionID,
  );
}

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
}

function isReady(pod: KubeObject | undefined): boolean {
  const { conditions = [] } = (pod?.status ?? {}) as PodStatus;
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function address(pod: KubeObject): { readonly podIp?: string } {
  const { podIP } = (pod.status ?? {}) as PodStatus;
  return podIP === undefined ? {} : { podIp: podIP };
}

function stateOf({ applicationState }: SparkApplicationStatus, pod: KubeObject | undefined): ConnectState {
  switch (applicationState?.state) {
    case 'FAILED':
      return 'Failed';
    case 'COMPLETED':
      return 'Completed';
    case 'RUNNING':
      return isReady(pod) ? 'Ready' : 'NotReady';
    default:
      return 'NotReady';
  }
}

function phases({ observed }: ConnectSituation, { submissionID }: SparkApplicationStatus): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { metadata, status } of observed.executors) {
    if (metadata.labels?.[SPARK_LABELS.submissionId] !== submissionID) continue;
    const phase = ((status ?? {}) as PodStatus).phase?.toLowerCase() ?? 'pending';
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return counts;
}

/** Those of the run, except that a server that runs is ready only once it takes connections. */
function conditionsOf(
  situation: ConnectSituation,
  ofRun: readonly Condition[],
  { run, pod }: { readonly run: SparkApplicationStatus; readonly pod: KubeObject | undefined },
): readonly Condition[] {
  const draft = drafter(situation);
  const ready = isReady(pod);
  const starting = run.applicationState?.state === 'RUNNING' && !ready && situation.refusal === undefined;
  const why = 'the server does not take connections yet';
  const [yes, no]: readonly [ConnectReason, ConnectReason] = ['ServerPodReady', 'ServerPodNotReady'];
  const standing: readonly ConditionDraft[] = starting
    ? [draft('Ready', false, no, why), draft('Reconciling', true, no, why)]
    : ofTypes(ofRun, STANDING);
  const server = ready
    ? draft('ServerPodReady', true, yes, 'Server pod is ready')
    : draft('ServerPodReady', false, no, 'Server pod is not ready');
  const before = (situation.status.conditions ?? []) as readonly Condition[];
  return mergeConditions(before, [...standing, ...ofTypes(ofRun, [CAPACITY_CONDITION]), server], OWNED, situation.now);
}

function ofTypes(conditions: readonly Condition[], types: readonly string[]): readonly ConditionDraft[] {
  return conditions.filter(({ type }) => types.includes(type)).map(({ lastTransitionTime: _time, ...draft }) => draft);
}

/** RFC 3339 in whole seconds, as Kubernetes stores times. */
function seconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
