import type { CapacitySurvey } from '../core/capacity/survey.ts';
import { FailureError } from '../core/failure.ts';
import type { ServiceHttp } from '../core/ports.ts';
import type { Access, Reconciler, Watched } from '../core/reconciler.ts';
import { type KubeObject, keyOf } from '../kube/object.ts';
import { withoutBody, withReplicas, withStanding } from '../kube/trim.ts';
import { deepEqual, isRecord } from '../lib/json.ts';
import type { AutoscalerLook } from './autoscaler/autoscale.ts';
import { type AutoscalerQuestion, askAutoscaled, autoscalerQuestion } from './autoscaler/autoscaled-client.ts';
import { AUTOSCALER_SELECTOR, autoscaledName } from './autoscaler/config-map.ts';
import { autoscalerSettings } from './autoscaler/settings.ts';
import { isCanary } from './canary.ts';
import { checkpointIntervalMs, checkpointWindowMs } from './checkpoint-times.ts';
import { decide, decideFailed, type ProbeIntervals } from './decide.ts';
import type { FlinkConf, OperatorDefaults } from './flink-conf.ts';
import { healthQuestion } from './health.ts';
import { KINDS, observe } from './observe.ts';
import { type JobManagerAnswer, type Observed, UNSEEN } from './observed.ts';
import { DEPLOYMENT_CONDITIONS } from './pods.ts';
import { rescaleJob } from './requirements-client.ts';
import { askJobManager, cancelJob, type Questions } from './rest-client.ts';
import type { Door, JobManagerTarget } from './rest-request-client.ts';
import { isHaConfigMap, isHaKey } from './restore.ts';
import { FLINK_API_VERSION, FLINK_GROUP, type FlinkDeploymentStatus } from './schema.ts';
import { SESSION_JOB_KIND, sessionNameOf } from './session-job/schema.ts';
import { type FlinkEffect, situationOf } from './situation.ts';
import { jobKeyOf } from './snapshot/observe.ts';
import { SNAPSHOT_KIND } from './snapshot/schema.ts';
import { stopWithSavepoint } from './snapshot-client.ts';
import { startedCluster } from './started-cluster.ts';
import type { TakingEffect } from './taking/subject.ts';
import { isTakingEffect } from './taking/take.ts';
import { askAboutDisposal, type Disposals, performTaking, takingOf } from './taking-client.ts';

/** What the Flink controller needs from outside. */
export interface FlinkControllerOptions {
  readonly http: ServiceHttp;
  /** Read at every pass, so that a change of the operator's configuration needs no restart. */
  readonly defaults: () => OperatorDefaults;
  readonly probe: ProbeIntervals;
  /** What the cluster can give; without it no start is compared with that. */
  readonly survey?: CapacitySurvey;
  /** Told of each pass over a canary resource. */
  readonly canaryPassed?: (resource: KubeObject) => void;
  /** Told of each look of the autoscaler at a job; undefined where it is off. */
  readonly autoscaled?: (resource: KubeObject, look: AutoscalerLook | undefined) => void;
}

/** The FlinkDeployment controller, as the runtime drives it. */
export type FlinkReconciler = Reconciler<Observed, FlinkDeploymentStatus, FlinkEffect, JobManagerAnswer>;

/** Labels Flink and the incumbent put on everything of a cluster; HA ConfigMaps carry the native type in both modes. */
export const FLINK_TYPES = 'type in (flink-native-kubernetes,flink-standalone-kubernetes)';

/** API access the Flink controller uses, and nothing beyond; the chart's RBAC is made from it. */
export const FLINK_ACCESS: readonly Access[] = [
  {
    group: FLINK_GROUP,
    resources: ['flinkdeployments'],
    verbs: ['list', 'watch', 'patch'],
    why: 'read specs, add and remove the finalizer',
  },
  {
    group: FLINK_GROUP,
    resources: ['flinksessionjobs'],
    verbs: ['list', 'watch'],
    why: 'keep sessions that jobs use',
  },
  { group: FLINK_GROUP, resources: ['flinkdeployments/status'], verbs: ['update'], why: 'write status' },
  {
    group: FLINK_GROUP,
    resources: ['flinkdeployments/finalizers'],
    verbs: ['update'],
    why: 'own objects that block deletion (OwnerReferencesPermissionEnforcement)',
  },
  {
    group: 'apps',
    resources: ['deployments'],
    verbs: ['list', 'watch', 'create', 'patch', 'delete'],
    why: 'JobManagers and standalone TaskManagers',
  },
  {
    group: 'apps',
    resources: ['deployments/finalizers'],
    verbs: ['update'],
    why: 'own objects that block deletion (OwnerReferencesPermissionEnforcement)',
  },
  { group: 'apps', resources: ['replicasets'], verbs: ['delete'], why: 'remove what an orphaning delete left behind' },
  {
    group: '',
    resources: ['services', 'configmaps'],
    verbs: ['list', 'watch', 'create', 'patch', 'delete'],
    why: 'what a cluster consists of',
  },
  {
    group: '',
    resources: ['pods'],
    verbs: ['list', 'watch', 'delete'],
    why: 'report their state, wait for their end, remove orphans',
  },
  {
    group: 'networking.k8s.io',
    resources: ['ingresses'],
    verbs: ['list', 'watch', 'create', 'patch', 'delete'],
    why: 'spec.ingress',
  },
];

const WATCHES: readonly Watched[] = [
  { kind: KINDS.deployment, labelSelector: FLINK_TYPES, trim: withReplicas(DEPLOYMENT_CONDITIONS), toKey: byApp },
  { kind: KINDS.pod, labelSelector: FLINK_TYPES, trim: withStanding, toKey: byApp },
  { kind: KINDS.service, labelSelector: FLINK_TYPES, trim: withoutBody, toKey: byApp },
  { kind: KINDS.configMap, labelSelector: FLINK_TYPES, trim: trimConfigMap, toKey: byApp },
  { kind: KINDS.configMap, labelSelector: AUTOSCALER_SELECTOR, trim: trimConfigMap, toKey: byAutoscaled },
  { kind: KINDS.ingress, labelSelector: 'component=ingress', trim: withoutBody, toKey: byOwner },
  { kind: SESSION_JOB_KIND, toKey: bySession },
  { kind: SNAPSHOT_KIND, toKey: (snapshot) => jobKeyOf(snapshot, 'FlinkDeployment') },
];

/** Builds the FlinkDeployment controller. */
export function createFlinkReconciler({
  http,
  defaults,
  probe,
  survey,
  canaryPassed,
  autoscaled,
}: FlinkControllerOptions): FlinkReconciler {
  const targetOf = rememberedTargets(defaults);
  const healthQuestionOf = rememberedUnder(defaults, healthQuestion);
  const checkpointQuestionOf = rememberedUnder(defaults, (resource, current) =>
    checkpointQuestion(startedCluster(resource, current)?.conf),
  );
  const autoscalerQuestionOf = rememberedUnder(defaults, (resource, current) =>
    questionOfAutoscaler(resource, startedCluster(resource, current)?.conf),
  );
  const disposals: Disposals = new Map();
  return {
    name: 'flinkdeployment',
    kind: { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment' },
    watches: WATCHES,
    access: FLINK_ACCESS,
    observe: (resource, read, asked) => observe(resource, read, asked, survey),
    decide: (resource, observed, now) => {
      const situation = situationOf(resource, observed, now, defaults());
      if (isCanary(situation)) canaryPassed?.(resource);
      return told(resource, decide(situation, probe), autoscaled);
    },
    failed: (resource, failure, now) => {
      return decideFailed(situationOf(resource, UNSEEN, now, defaults()), failure);
    },
    perform: (resource, effect, signal) => {
      const door = { http, target: { ...targetOf(resource), jobId: effect.jobId }, signal };
      if (isTakingEffect(effect)) return performTaking(door, effect, { resource, disposals });
      return performAt(door, effect);
    },
    ask: async (resource, signal, previous) => {
      const door = { http, target: targetOf(resource), signal };
      const questions = { ...questionsOf(resource), ...healthQuestionOf(resource), ...checkpointQuestionOf(resource) };
      const answer = await askJobManager(door, questions, previous);
      const autoscaled = await askAutoscaled(door, autoscalerQuestionOf(resource), { answer, previous });
      return { ...answer, ...autoscaled, ...(await askAboutDisposal(door, resource, disposals)) };
    },
    answersEqual,
    checkpointed: ({ checkpointed }) => checkpointed,
  };
}

/** Has metrics hear of what the autoscaler found. */
export function told<
  P extends { readonly looked?: AutoscalerLook; readonly status: { readonly autoscaler?: unknown } | undefined },
>(resource: KubeObject, plan: P, autoscaled: FlinkControllerOptions['autoscaled']): P {
  const isOff = plan.status !== undefined && plan.status.autoscaler === undefined;
  if (plan.looked !== undefined || isOff) autoscaled?.(resource, plan.looked);
  return plan;
}

/** Answers are the same whenever they came and whatever checkpoints a job has completed meanwhile: no decision goes by that. */
export function answersEqual(
  { checkpointed: _one, askedAt: _then, ...some }: JobManagerAnswer,
  { checkpointed: _other, askedAt: _now, ...others }: JobManagerAnswer,
): boolean {
  return deepEqual(some, others);
}

/** What is asked about checkpoints of a job with this configuration; nothing where it takes none by itself. */
export function checkpointQuestion(conf: FlinkConf | undefined): Pick<Questions, 'checkpointWindowMs'> {
  const takes = conf !== undefined && checkpointIntervalMs(conf) !== undefined;
  return takes ? { checkpointWindowMs: checkpointWindowMs(conf) } : {};
}

/** How a job is read that has this configuration, as long as it is as its user wants it and nothing is being done to it. */
export function questionOfAutoscaler(
  resource: KubeObject,
  conf: FlinkConf | undefined,
): AutoscalerQuestion | undefined {
  const { stopping, scaling } = (resource.status ?? {}) as FlinkDeploymentStatus;
  const isLeftAlone = !questionsOf(resource).inTransition && stopping === undefined && scaling === undefined;
  return conf !== undefined && isLeftAlone ? autoscalerQuestion(autoscalerSettings(conf)) : undefined;
}

function performAt(door: Door, effect: Exclude<FlinkEffect, TakingEffect>): Promise<void> {
  switch (effect.kind) {
    case 'cancel-job':
      return cancelJob(door);
    case 'rescale':
      return rescaleJob(door, effect.vertices);
    case 'stop-with-savepoint':
      return stopWithSavepoint(door, effect);
  }
}

/** What is to be known beyond the state of the job a resource's status tells of. */
export function questionsOf(resource: KubeObject): Questions {
  const { conditions = [], jobStatus, stopping, scaling } = (resource.status ?? {}) as FlinkDeploymentStatus;
  const ready = conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  const triggerId =
    stopping?.jobId === jobStatus?.jobId && stopping?.by === 'savepoint' ? stopping.triggerId : undefined;
  const scales = scaling?.vertices !== undefined && scaling.jobId === jobStatus?.jobId;
  return { inTransition: !ready, scales, ...(triggerId === undefined ? {} : { triggerId }), ...takingOf(resource) };
}

/** Where the JobManager of a FlinkDeployment answers. Throws FailureError when nothing was deployed yet. */
export type Targets = (resource: KubeObject) => JobManagerTarget;

/** Where the JobManager of each version of a resource answers. */
export function rememberedTargets(defaults: () => OperatorDefaults): Targets {
  return rememberedUnder(defaults, target);
}

/**
 * Remembers what follows from each version of a resource under the operator's configuration, since at rest asking the
 * JobManager is all that is done and working out the configuration would cost as much as the question.
 */
export function rememberedUnder<T>(
  defaults: () => OperatorDefaults,
  make: (resource: KubeObject, defaults: OperatorDefaults) => T,
): (resource: KubeObject) => T {
  let remembered = new WeakMap<KubeObject, { readonly value: T }>();
  let configuration = defaults().flinkConfiguration;
  return (resource) => {
    const current = defaults();
    if (current.flinkConfiguration !== configuration) {
      configuration = current.flinkConfiguration;
      remembered = new WeakMap();
    }
    const known = remembered.get(resource) ?? { value: make(resource, current) };
    remembered.set(resource, known);
    return known.value;
  };
}

/** Where the JobManager of the deployed spec answers. Throws FailureError when nothing was deployed yet. */
function target(resource: KubeObject, defaults: OperatorDefaults): JobManagerTarget {
  const started = startedCluster(resource, defaults);
  if (started !== undefined) return started.target;
  const message = `${keyOf(resource.metadata)}: nothing is deployed that could be asked`;
  throw new FailureError({ kind: 'transient', message });
}

function byApp(object: KubeObject): string | undefined {
  const app = object.metadata.labels?.app;
  return app === undefined ? undefined : keyOf({ ...object.metadata, name: app });
}

/** Of a FlinkDeployment or a FlinkSessionJob of that name: whoever is none looks and finds nothing. */
export function byAutoscaled(object: KubeObject): string | undefined {
  const name = autoscaledName(object);
  return name === undefined ? undefined : keyOf({ ...object.metadata, name });
}

/** The session a session job is on: it stays while jobs use it. */
function bySession(object: KubeObject): string | undefined {
  const name = sessionNameOf(object);
  return name === undefined ? undefined : keyOf({ ...object.metadata, name });
}

function byOwner(object: KubeObject): string | undefined {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.kind === 'FlinkDeployment');
  return owner === undefined ? undefined : keyOf({ ...object.metadata, name: owner.name });
}

/**
 * Of ConfigMaps only the metadata is read, and of high-availability data the names of the entries that decisions go by:
 * without the annotation with Flink's lease, which a leader renews every few seconds. What an autoscaler remembers stays whole.
 */
export function trimConfigMap(object: KubeObject): KubeObject {
  if (autoscaledName(object) !== undefined) return object;
  const trimmed = withoutBody(object);
  if (!isHaConfigMap(object)) return trimmed;
  const { annotations: _lease, ...metadata } = object.metadata;
  const names = isRecord(object.data) ? Object.keys(object.data).filter(isHaKey) : [];
  return { ...trimmed, metadata, data: Object.fromEntries(names.map((name) => [name, ''])) };
}
