import { ENGINES, type Engine } from './config.ts';
import type { Access } from './core/reconciler.ts';
import { FLINK_ACCESS } from './flink/controller.ts';
import { KINDS } from './flink/observe.ts';
import { FLINK_API_VERSION } from './flink/schema.ts';
import { SESSION_JOB_ACCESS } from './flink/session-job/controller.ts';
import { SESSION_JOB_KIND } from './flink/session-job/schema.ts';
import { SNAPSHOT_ACCESS } from './flink/snapshot/controller.ts';
import { SNAPSHOT_KIND } from './flink/snapshot/schema.ts';
import { CAPACITY_ACCESS, CAPACITY_KINDS } from './runtime/capacity-questions.ts';
import { type KindInfo, runtimeKinds } from './runtime/kinds.ts';
import { NAMESPACE_ACCESS, NAMESPACE_KIND } from './runtime/watched-namespaces.ts';
import { CONNECT_ACCESS } from './spark/connect/controller.ts';
import { SPARK_CONNECT_KIND } from './spark/connect/schema.ts';
import { SPARK_ACCESS } from './spark/controller.ts';
import { POD_GROUPS } from './spark/desired/pod-group.ts';
import { KINDS as SPARK_KINDS } from './spark/observe.ts';
import { SCHEDULE_ACCESS } from './spark/schedule/controller.ts';
import { SCHEDULE_KIND } from './spark/schedule/schema.ts';
import { SPARK_APPLICATION_KIND } from './spark/schema.ts';

const FLINK_DEPLOYMENT = { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment' };

/** Every kind Weir reads or writes, with its path on the API server. */
export const OPERATOR_KINDS: readonly KindInfo[] = [
  ...runtimeKinds,
  ...CAPACITY_KINDS,
  NAMESPACE_KIND,
  { ...FLINK_DEPLOYMENT, plural: 'flinkdeployments', namespaced: true },
  { ...SESSION_JOB_KIND, plural: 'flinksessionjobs', namespaced: true },
  { ...SNAPSHOT_KIND, plural: 'flinkstatesnapshots', namespaced: true },
  { ...SPARK_APPLICATION_KIND, plural: 'sparkapplications', namespaced: true },
  { ...SCHEDULE_KIND, plural: 'scheduledsparkapplications', namespaced: true },
  { ...SPARK_CONNECT_KIND, plural: 'sparkconnects', namespaced: true },
  { ...KINDS.deployment, plural: 'deployments', namespaced: true },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true },
  { ...KINDS.pod, plural: 'pods', namespaced: true },
  { ...KINDS.service, plural: 'services', namespaced: true },
  { ...KINDS.configMap, plural: 'configmaps', namespaced: true },
  { ...KINDS.ingress, plural: 'ingresses', namespaced: true },
  { ...SPARK_KINDS.disruptionBudget, plural: 'poddisruptionbudgets', namespaced: true },
  ...Object.values(POD_GROUPS).map((kind) => ({ ...kind, plural: 'podgroups', namespaced: true })),
];

/** What it uses besides where a label selector says which namespaces are looked at. */
export const SCOPE_ACCESS = NAMESPACE_ACCESS;

const ENGINE_ACCESS: Readonly<Record<Engine, readonly Access[]>> = {
  flink: [...FLINK_ACCESS, ...SESSION_JOB_ACCESS, ...SNAPSHOT_ACCESS],
  spark: [...SPARK_ACCESS, ...SCHEDULE_ACCESS, ...CONNECT_ACCESS],
};

/** What the chart puts the name of its Lease in the place of. */
export const LEASE_OF_CHART = '$lease';

/**
 * Every right the operator uses for these engines, with a Lease of this name; the chart's roles are generated from it, and from
 * SCOPE_ACCESS.
 */
export function operatorAccess(engines: readonly Engine[] = ENGINES, lease = 'weir'): readonly Access[] {
  return [
    ...engines.flatMap((engine) => ENGINE_ACCESS[engine]),
    ...CAPACITY_ACCESS,
    { group: '', resources: ['events'], verbs: ['create', 'patch'], why: 'tell what was done and why' },
    { ...LEASES, verbs: ['create'], why: 'make the Lease of leader election' },
    { ...LEASES, names: [lease], verbs: ['get', 'patch'], why: 'hold it' },
  ];
}

const LEASES = { group: 'coordination.k8s.io', resources: ['leases'] } as const;

/** Names of the two objects that the operator keeps the certificates of its webhook in. */
export interface CertificateNames {
  readonly secret: string;
  readonly configuration: string;
}

/** Rights that certificates of the operator's own take, and nothing beyond. */
export interface CertificateAccess {
  /** In the namespace of the operator. */
  readonly own: readonly Access[];
  /** Of what has no namespace. */
  readonly cluster: readonly Access[];
}

/** Reads and changes two objects that are there already, by their names: it makes none, and lists none. */
export function certificateAccess({ secret, configuration }: CertificateNames): CertificateAccess {
  const verbs = ['get', 'patch'] as const;
  return {
    own: [{ group: '', resources: ['secrets'], names: [secret], verbs, why: 'keep the certificates of the webhook' }],
    cluster: [
      {
        group: 'admissionregistration.k8s.io',
        resources: ['validatingwebhookconfigurations'],
        names: [configuration],
        verbs,
        why: 'have them trusted',
        clusterOnly: true,
      },
    ],
  };
}
