import type { CapacitySurvey } from '../core/capacity/survey.ts';
import { FailureError } from '../core/failure.ts';
import type { Access, Reconciler, Watched } from '../core/reconciler.ts';
import { type KubeObject, keyOf } from '../kube/object.ts';
import { withoutBody, withStanding } from '../kube/trim.ts';
import { assertNever } from '../lib/assert-never.ts';
import { deepEqual, isRecord } from '../lib/json.ts';
import { SPARK_LABELS } from './conf/submission.ts';
import { decide, decideFailed } from './decide.ts';
import { POD_GROUPS } from './desired/pod-group.ts';
import { KINDS, observe } from './observe.ts';
import { type Observed, UNSEEN } from './observed.ts';
import { SPARK_APPLICATION_KIND, SPARK_GROUP, type SparkApplicationStatus } from './schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from './settings.ts';
import { situationOf } from './situation.ts';

/** The SparkApplication controller, as the runtime drives it: it has no effects and asks no driver. */
export type SparkReconciler = Reconciler<Observed, SparkApplicationStatus, never, never>;

/** API access the Spark controller uses, and nothing beyond; the chart's RBAC is made from it. */
export const SPARK_ACCESS: readonly Access[] = [
  {
    group: SPARK_GROUP,
    resources: ['sparkapplications'],
    verbs: ['list', 'watch', 'delete'],
    why: 'read specs, delete what has outlived its time',
  },
  { group: SPARK_GROUP, resources: ['sparkapplications/status'], verbs: ['update'], why: 'write status' },
  {
    group: SPARK_GROUP,
    resources: ['sparkapplications/finalizers'],
    verbs: ['update'],
    why: 'own objects that block deletion (OwnerReferencesPermissionEnforcement)',
  },
  {
    group: '',
    resources: ['pods'],
    verbs: ['list', 'watch', 'create', 'delete'],
    why: 'start and stop drivers, report on them and their executors',
  },
  {
    group: '',
    resources: ['services', 'configmaps'],
    verbs: ['list', 'watch', 'create', 'patch', 'delete'],
    why: 'what a driver needs to be there',
  },
  {
    group: 'networking.k8s.io',
    resources: ['ingresses'],
    verbs: ['list', 'watch', 'create', 'patch', 'delete'],
    why: 'lead to the Spark UI and to ports of spec.driverIngressOptions',
  },
  {
    group: 'policy',
    resources: ['poddisruptionbudgets'],
    verbs: ['list', 'watch', 'create', 'delete'],
    why: 'spec.driverPodDisruptionBudget',
  },
  {
    group: 'scheduling.volcano.sh',
    resources: ['podgroups'],
    verbs: ['list', 'watch', 'create', 'delete'],
    why: 'spec.batchScheduler: volcano',
    feature: 'batchScheduler',
  },
  {
    group: 'scheduling.x-k8s.io',
    resources: ['podgroups'],
    verbs: ['list', 'watch', 'create', 'delete'],
    why: 'spec.batchScheduler with the coscheduling of scheduler-plugins',
    feature: 'batchScheduler',
  },
];

/** What is watched of the objects that runs consist of. */
export const RUN_WATCHES: readonly Omit<Watched, 'toKey'>[] = [
  { kind: KINDS.pod, labelSelector: `${SPARK_LABELS.launched}=true`, trim: withStanding },
  { kind: KINDS.service, labelSelector: SPARK_LABELS.submissionId, trim: withAddress },
  { kind: KINDS.ingress, labelSelector: SPARK_LABELS.submissionId, trim: withoutBody },
  { kind: KINDS.disruptionBudget, labelSelector: SPARK_LABELS.submissionId, trim: withoutBody },
  { kind: KINDS.configMap, labelSelector: SPARK_LABELS.submissionId, trim: withoutBody },
];

const WATCHES: readonly Watched[] = RUN_WATCHES.map((watch) => ({ ...watch, toKey: byApplication }));

/**
 * Builds the SparkApplication controller; without a survey no submission is compared with what the cluster can give. Settings
 * are asked for in each pass, what is watched only once.
 */
export function createSparkReconciler(
  settings: () => SparkSettings = () => DEFAULT_SETTINGS,
  survey?: Pick<CapacitySurvey, 'latest'>,
): SparkReconciler {
  return {
    name: 'sparkapplication',
    kind: SPARK_APPLICATION_KIND,
    watches: [...WATCHES, ...podGroupWatches(settings())],
    access: SPARK_ACCESS,
    observe: (resource, read) => observe(resource, read, survey),
    decide: (resource, observed, now) => decide(situationOf(resource, observed, now, settings())),
    failed: (resource, failure, now) => decideFailed(situationOf(resource, UNSEEN, now, settings()), failure),
    perform: (_resource, effect) => assertNever(effect),
    ask: async (resource) => {
      const message = `${keyOf(resource.metadata)}: drivers are watched, not asked`;
      throw new FailureError({ kind: 'transient', message });
    },
    answersEqual: deepEqual,
  };
}

/** PodGroups are watched only where there may be any: their kinds are not installed everywhere. */
function podGroupWatches({ batch }: SparkSettings): readonly Watched[] {
  if (batch?.enabled !== true) return [];
  const coscheduling = batch.kubeSchedulers.length > 0 ? [POD_GROUPS['scheduler-plugins']] : [];
  return [POD_GROUPS.volcano, ...coscheduling].map((kind) => ({
    kind,
    labelSelector: SPARK_LABELS.submissionId,
    trim: withoutBody,
    toKey: byApplication,
  }));
}

/** Of a Service the address is read, where it has one of its own. */
function withAddress(service: KubeObject): KubeObject {
  const { clusterIP, ports } = isRecord(service.spec) ? service.spec : {};
  const trimmed = withoutBody(service);
  return clusterIP === 'None' ? trimmed : { ...trimmed, spec: { clusterIP, ports } };
}

function byApplication({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.[SPARK_LABELS.appName];
  return name === undefined ? undefined : keyOf({ ...metadata, name });
}
