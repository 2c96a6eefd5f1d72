import type { FlinkDeployment, FlinkDeploymentSpec, FlinkVersion } from '../schema.ts';
import { type FlinkConf, fromSpec, integerOf, isSet, needed, type Rule, type Setting, unlessSet } from './entry.ts';
import { PROCESS_SIZE } from './memory.ts';
import { isHighlyAvailable, isStandalone } from './mode.ts';
import { namesImage } from './pod-templates.ts';
import { type ResourceSpec, resourceSpec } from './resource-spec.ts';
import { atLeast, defaultImage, flinkVersionOf } from './versions.ts';

/** Ports Flink's Kubernetes parts fix so that Services can name them (KubernetesClusterDescriptor, Constants). */
const BLOB_PORT = 6124;
const TASK_MANAGER_PORT = 6122;
const REST_PORT = 8081;
const JOB_MANAGER_PORT = 6123;

/** Options every cluster gets, application or session (incumbent: FlinkConfigBuilder; Flink: KubernetesClusterDescriptor). */
export function clusterRules(deployment: FlinkDeployment, conf: FlinkConf): readonly Rule[] {
  const { spec, metadata } = deployment;
  const version = flinkVersionOf(spec);
  return [
    fromSpec('kubernetes.cluster-id', metadata.name, 'metadata.name'),
    fromSpec('kubernetes.namespace', metadata.namespace ?? 'default', 'metadata.namespace'),
    fromSpec('$internal.flink.version', version, 'spec.flinkVersion'),
    unlessSet('kubernetes.rest-service.exposed.type', 'ClusterIP', 'the web UI is not opened to the outside unasked'),
    unlessSet('web.cancel.enable', 'false', 'a job cancelled in the web UI would be seen as failed'),
    ...imageRules(spec, version, conf),
    ...componentRules(resourceSpec(spec.jobManager, 'spec.jobManager'), 'jobmanager', version),
    ...componentRules(resourceSpec(spec.taskManager, 'spec.taskManager'), 'taskmanager', version),
    ...replicaRules(spec),
    ...portRules(conf),
    ...addressRules(deployment, conf),
    ...(metadata.uid === undefined ? [] : [ownerRule(deployment, metadata.uid)]),
  ];
}

/** Spellings of the option that names the image, the newest first. */
export const IMAGE_OPTIONS = ['kubernetes.container.image.ref', 'kubernetes.container.image'] as const;

/** A rule for an option with several spellings: the others must not win over it, or overlap with it. */
function inPlaceOf(spellings: readonly string[], rule: Setting): readonly Rule[] {
  return [{ kind: 'remove', keys: spellings.filter((key) => key !== rule.key) }, rule];
}

/** The option that names the image: Flink renamed it in 1.17 (`kubernetes.container.image.ref`). */
export function imageKey(version: FlinkVersion): string {
  return atLeast(version, 'v1_17') ? 'kubernetes.container.image.ref' : 'kubernetes.container.image';
}

function imageRules(spec: FlinkDeploymentSpec, version: FlinkVersion, conf: FlinkConf): readonly Rule[] {
  const image = spec.image?.trim();
  const given = isSet(conf, ...IMAGE_OPTIONS) || namesImage(spec);
  const fallback = needed(imageKey(version), defaultImage(version), 'spec.image is not set');
  return [
    ...(image ? inPlaceOf(IMAGE_OPTIONS, fromSpec(imageKey(version), image, 'spec.image')) : given ? [] : [fallback]),
    ...(spec.imagePullPolicy?.trim()
      ? [fromSpec('kubernetes.container.image.pull-policy', spec.imagePullPolicy, 'spec.imagePullPolicy')]
      : []),
    ...(spec.serviceAccount === undefined
      ? []
      : [fromSpec('kubernetes.service-account', spec.serviceAccount, 'spec.serviceAccount')]),
  ];
}

function componentRules(resources: ResourceSpec, component: string, version: FlinkVersion): readonly Rule[] {
  const { memory, cpu, cpuLimitFactor, memoryLimitFactor } = resources;
  const key = `kubernetes.${component}`;
  const cpuKeys = [`${key}.cpu.amount`, `${key}.cpu`];
  const cpuKey = atLeast(version, 'v1_17') ? `${key}.cpu.amount` : `${key}.cpu`;
  const path = `spec.${component === 'jobmanager' ? 'jobManager' : 'taskManager'}.resources`;
  return [
    ...(memory === undefined ? [] : [fromSpec(`${component}.${PROCESS_SIZE}`, memory.text, memory.field)]),
    ...(cpu === undefined ? [] : inPlaceOf(cpuKeys, fromSpec(cpuKey, decimalText(cpu.cores), cpu.field))),
    ...(cpuLimitFactor === undefined
      ? []
      : [fromSpec(`${key}.cpu.limit-factor`, decimalText(cpuLimitFactor), `${path}.limits.cpu / requests.cpu`)]),
    ...(memoryLimitFactor === undefined
      ? []
      : [
          fromSpec(
            `${key}.memory.limit-factor`,
            decimalText(memoryLimitFactor),
            `${path}.limits.memory / requests.memory`,
          ),
        ]),
  ];
}

function decimalText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}

function replicaRules(spec: FlinkDeploymentSpec): readonly Rule[] {
  const jobManagers = spec.jobManager?.replicas ?? 0;
  const taskManagers = spec.taskManager?.replicas ?? 0;
  const replicasKey = 'kubernetes.internal.taskmanager.replicas';
  return [
    ...(jobManagers > 0
      ? [fromSpec('kubernetes.jobmanager.replicas', `${jobManagers}`, 'spec.jobManager.replicas')]
      : []),
    ...(taskManagers > 0 ? [fromSpec(replicasKey, `${taskManagers}`, 'spec.taskManager.replicas')] : []),
  ];
}

function portRules(conf: FlinkConf): readonly Rule[] {
  const because = 'Services and containers name their ports';
  const fixed = (key: string, port: number): Rule[] =>
    integerOf(conf, key, 0) === 0 ? [needed(key, `${port}`, because)] : [];
  return [
    ...fixed('blob.server.port', BLOB_PORT),
    ...fixed('taskmanager.rpc.port', TASK_MANAGER_PORT),
    ...(isSet(conf, 'rest.bind-port') ? fixed('rest.bind-port', REST_PORT) : []),
    ...(isHighlyAvailable(conf)
      ? fixed('high-availability.jobmanager.port', integerOf(conf, 'jobmanager.rpc.port', JOB_MANAGER_PORT))
      : []),
  ];
}

function addressRules({ metadata, spec }: FlinkDeployment, conf: FlinkConf): readonly Rule[] {
  const highlyAvailable = isHighlyAvailable(conf);
  const address = `${metadata.name}.${metadata.namespace ?? 'default'}`;
  return [
    ...(highlyAvailable ? [fromSpec('high-availability.cluster-id', metadata.name, 'metadata.name')] : []),
    ...(highlyAvailable && !isStandalone(spec)
      ? []
      : [needed('jobmanager.rpc.address', address, 'the internal Service')]),
  ];
}

function ownerRule({ apiVersion, kind, metadata }: FlinkDeployment, uid: string): Rule {
  const value = `apiVersion:${apiVersion},kind:${kind},name:${metadata.name},uid:${uid},blockOwnerDeletion:true,controller:false`;
  return needed('kubernetes.jobmanager.owner.reference', value, 'the JobManager Deployment is owned by this resource');
}
