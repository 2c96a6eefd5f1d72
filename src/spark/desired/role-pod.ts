import type { PodTemplate } from '../../kube/schema-parts.ts';
import { firstPositions } from '../../lib/first-positions.ts';
import { isRecord } from '../../lib/json.ts';
import { exporterOf } from '../conf/monitoring.ts';
import { SPARK_CONTAINERS, sparkContainerOf } from '../conf/pod-templates.ts';
import type { DriverSpec } from '../schema.ts';
import type { Build, Fields } from './names.ts';
import type { Mount } from './property-volumes.ts';
import { fieldEnv, fieldMounts } from './volumes.ts';

/** What Spark itself puts into a pod and its container. */
export interface SparkParts {
  readonly env: readonly Fields[];
  readonly mounts: readonly Mount[];
  readonly ports: readonly Fields[];
  readonly container: Fields;
}

/** A pod of one role: template, Spark's own parts and the role's fields, in that order. */
export interface RolePod {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** spec without serviceAccountName. */
  readonly spec: Fields;
}

/**
 * The pod of a role. The fields do to it what the incumbent's pod webhook does when the pod is made (Kubeflow Spark
 * Operator 2.5): lists are added to, affinity, security contexts, DNS and lifecycle replaced. Unlike there, nothing
 * occurs twice: of variables of one name the last stays, of volumes and mounts Spark's own.
 */
export function rolePod(build: Build, role: 'driver' | 'executor', spark: SparkParts): RolePod {
  const fields = build.application.spec[role] ?? {};
  const template: PodTemplate = fields.template ?? {};
  const {
    containers: _containers,
    restartPolicy: _policy,
    serviceAccount: alias,
    ...rest
  }: Fields = isRecord(template.spec) ? template.spec : {};
  const own = fieldMounts(build, role);
  const before = sparkContainerOf(role, template);
  const sidecars = (template.spec?.containers ?? []).filter((container) => container !== before);
  const account = rest.serviceAccountName ?? alias;
  return {
    labels: textMap(template.metadata?.labels),
    annotations: textMap(template.metadata?.annotations),
    spec: {
      ...rest,
      ...podFields(fields, rest),
      ...(account === undefined ? {} : { serviceAccountName: account }),
      ...filled('volumes', firstOf('name', [...volumesOf(spark.mounts), ...listOf(rest.volumes), ...volumesOf(own)])),
      containers: [
        ...sidecars,
        sparkContainer({
          before: { ...before },
          fields,
          spark,
          own,
          env: fieldEnv(build, role),
          exporter: exporterPorts(build, role),
          name: SPARK_CONTAINERS[role],
        }),
        ...added(sidecars, fields.sidecars),
      ],
    },
  };
}

function podFields(fields: DriverSpec, rest: Fields): Fields {
  return {
    ...given('affinity', fields.affinity),
    ...given('securityContext', fields.podSecurityContext),
    ...given('schedulerName', fields.schedulerName),
    ...given('dnsConfig', fields.dnsConfig),
    ...given('terminationGracePeriodSeconds', fields.terminationGracePeriodSeconds),
    ...priority(fields),
    ...(fields.hostNetwork === true ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...(fields.shareProcessNamespace === true ? { shareProcessNamespace: true } : {}),
    ...filled('hostAliases', [...listOf(rest.hostAliases), ...(fields.hostAliases ?? [])]),
    ...filled('tolerations', [...listOf(rest.tolerations), ...(fields.tolerations ?? [])]),
    ...filled('initContainers', [
      ...listOf(rest.initContainers),
      ...added(listOf(rest.initContainers), fields.initContainers),
    ]),
    ...filledMap('nodeSelector', { ...textMap(rest.nodeSelector), ...fields.nodeSelector }),
  };
}

/** A class says priority and preemption; the API server refuses a template's that say otherwise. */
function priority({ priorityClassName }: DriverSpec): Fields {
  return priorityClassName === undefined ? {} : { priorityClassName, priority: undefined, preemptionPolicy: undefined };
}

interface ContainerParts {
  readonly before: Fields;
  readonly fields: DriverSpec;
  readonly spark: SparkParts;
  readonly own: readonly Mount[];
  readonly env: readonly Fields[];
  readonly exporter: readonly Fields[];
  readonly name: string;
}

function sparkContainer({ before, fields, spark, own, env, exporter, name }: ContainerParts): Fields {
  const mounts = [
    ...spark.mounts.map(({ mount }) => mount),
    ...listOf(before.volumeMounts),
    ...own.map(({ mount }) => mount),
  ];
  return {
    ...before,
    name: before.name ?? name,
    ...spark.container,
    ...filled('env', lastOf('name', [...listOf(before.env), ...spark.env, ...env, ...(fields.env ?? [])])),
    ...filled('envFrom', [...listOf(before.envFrom), ...(fields.envFrom ?? [])]),
    ...filled('ports', lastOf('name', [...listOf(before.ports), ...(fields.ports ?? []), ...exporter, ...spark.ports])),
    ...filled('volumeMounts', firstOf('mountPath', mounts)),
    ...given('securityContext', fields.securityContext),
    ...given('lifecycle', fields.lifecycle),
    ...resources(before, fields, spark.container),
  };
}

function exporterPorts({ application }: Build, role: 'driver' | 'executor'): readonly Fields[] {
  const exporter = exporterOf(application.spec);
  if (exporter === undefined || !exporter.roles.includes(role)) return [];
  return [{ name: exporter.portName, containerPort: exporter.port, protocol: 'TCP' }];
}

/** Requests and limits of the template, over them Spark's, over them GPUs. */
function resources(before: Fields, { gpu }: DriverSpec, container: Fields): Fields {
  const [theirs, ours] = [before.resources, container.resources].map((item) => (isRecord(item) ? item : {}));
  const gpus = gpu?.name !== undefined && (gpu.quantity ?? 0) > 0 ? { [gpu.name]: `${gpu.quantity}` } : {};
  const requests = { ...recordOf(theirs?.requests), ...recordOf(ours?.requests) };
  const limits = { ...recordOf(theirs?.limits), ...recordOf(ours?.limits), ...gpus };
  return filledMap('resources', { ...theirs, ...filledMap('requests', requests), ...filledMap('limits', limits) });
}

/** Further containers, without those that are there under the same name and image already. */
function added(there: readonly Fields[], more: readonly Fields[] = []): readonly Fields[] {
  const known = new Set(there.map(identity));
  return more.filter((item) => !known.has(identity(item)));
}

function identity({ name, image }: Fields): string {
  return JSON.stringify([name, image]);
}

function volumesOf(mounts: readonly Mount[]): readonly Fields[] {
  return mounts.map(({ volume }) => volume);
}

function firstOf(key: string, items: readonly Fields[]): readonly Fields[] {
  const first = firstPositions(items.map((item) => item[key]));
  return items.filter((item, index) => first.get(item[key]) === index);
}

function lastOf(key: string, items: readonly Fields[]): readonly Fields[] {
  const last = new Map(items.map((item, index) => [item[key], index]));
  return items.filter((item, index) => last.get(item[key]) === index);
}

function given(name: string, value: unknown): Fields {
  return value === undefined ? {} : { [name]: value };
}

function filled(name: string, items: readonly Fields[]): Fields {
  return items.length === 0 ? {} : { [name]: items };
}

function filledMap(name: string, map: Fields): Fields {
  return Object.keys(map).length === 0 ? {} : { [name]: map };
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function recordOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function textMap(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([key, text]) => [key, String(text)]));
}
