import type { KubeObject } from '../../kube/object.ts';
import type { PodTemplate } from '../../kube/schema-parts.ts';
import { isSet, isTrue, optionOf } from '../conf/entry.ts';
import { RESTORE_PATH } from '../conf/job-rules.ts';
import { isHighlyAvailable } from '../conf/mode.ts';
import { jobManagerTemplate, MAIN_CONTAINER, needsTaskManagerTemplate } from '../conf/pod-templates.ts';
import { optionValue } from '../options/read.ts';
import { RESOURCE_OPTIONS } from '../options/resource-table.ts';
import { clusterResources } from '../resources.ts';
import { componentDeployment, generatedPod } from './deployments.ts';
import { type Mount, templateMount, userLibMount } from './mounts.ts';
import { type Cluster, GENERATION_ANNOTATION, JOB_ID_ANNOTATION } from './names.ts';
import { podTemplateSpec } from './pod.ts';
import { jobManagerPorts } from './services.ts';

/** The JobManager Deployment, native (Flink KubernetesJobManagerFactory) or standalone (the incumbent's). */
export function jobManagerDeployment(cluster: Cluster): KubeObject {
  const { deployment, conf, start } = cluster;
  const template = jobManagerTemplate(deployment.spec, conf);
  const generation = [GENERATION_ANNOTATION, `${start.generation}`] as const;
  const jobId = optionOf(conf, '$internal.pipeline.job-id') ?? start.jobId;
  const pod = generatedPod(cluster, 'jobmanager', {
    main: { args: jobManagerArgs(cluster), ports: containerPorts(cluster), ...startupProbe(cluster) },
    mounts: ownMounts(cluster, template),
    env: [{ name: '_POD_IP_ADDRESS', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } }],
    annotations: [generation],
  });
  return componentDeployment(cluster, 'jobmanager', {
    replicas: clusterResources(deployment.spec, conf).jobManagers,
    template: podTemplateSpec(template, pod),
    annotations: deployment.spec.job === undefined ? [generation] : [generation, [JOB_ID_ANNOTATION, jobId]],
  });
}

function containerPorts(cluster: Cluster): readonly { readonly name: string; readonly containerPort: number }[] {
  const ports = jobManagerPorts(cluster);
  return [
    { name: 'rest', containerPort: ports.restBind },
    { name: 'jobmanager-rpc', containerPort: ports.rpc },
    { name: 'blobserver', containerPort: ports.blob },
  ];
}

/** Makes the Deployment available only once REST answers: that is how a JobManager that never starts is seen. */
function startupProbe({ conf }: Cluster): { startupProbe?: Record<string, unknown> } {
  if (!optionValue(conf, RESOURCE_OPTIONS.jmStartupProbeEnabled)) return {};
  return {
    startupProbe: { httpGet: { path: '/config', port: 'rest' }, periodSeconds: 1, failureThreshold: 2147483647 },
  };
}

function ownMounts(cluster: Cluster, template: PodTemplate): readonly Mount[] {
  const { spec } = cluster.deployment;
  if (!cluster.standalone) return needsTaskManagerTemplate(spec) ? [templateMount(cluster)] : [];
  const needsUserLib = spec.job !== undefined && isSet(cluster.conf, 'pipeline.classpaths') && !mountsUserLib(template);
  return needsUserLib ? [userLibMount()] : [];
}

function mountsUserLib(template: PodTemplate): boolean {
  const main = template.spec?.containers?.find((container) => container.name === MAIN_CONTAINER);
  return (main?.volumeMounts ?? []).some((mount) => mount.mountPath.startsWith('/opt/flink/usrlib'));
}

function jobManagerArgs(cluster: Cluster): readonly string[] {
  const { deployment, conf, standalone } = cluster;
  const application = deployment.spec.job !== undefined;
  if (standalone) return application ? standaloneJobArgs(cluster) : ['jobmanager', ...rpcAddress(cluster)];
  const extra = optionOf(conf, 'kubernetes.jobmanager.entrypoint.args') ?? '';
  return ['bash', '-c', `kubernetes-jobmanager.sh kubernetes-${application ? 'application' : 'session'} ${extra}`];
}

/** Several JobManagers each go by their own address; the leader tells the TaskManagers (CmdStandaloneJobManagerDecorator). */
function rpcAddress({ conf }: Cluster): readonly string[] {
  return isHighlyAvailable(conf) ? ['-D', 'jobmanager.rpc.address=$(_POD_IP_ADDRESS)'] : [];
}

function standaloneJobArgs(cluster: Cluster): readonly string[] {
  const { conf, deployment } = cluster;
  const main = optionOf(conf, '$internal.application.main');
  const restore = optionOf(conf, ...RESTORE_PATH);
  const ignoresUnclaimed =
    isTrue(conf, 'execution.savepoint.ignore-unclaimed-state', false) ||
    isTrue(conf, 'execution.state-recovery.ignore-unclaimed-state', false);
  return [
    'standalone-job',
    ...(main === undefined ? [] : ['--job-classname', main]),
    ...(ignoresUnclaimed ? ['--allowNonRestoredState'] : []),
    ...(restore === undefined ? [] : ['--fromSavepoint', restore]),
    ...rpcAddress(cluster),
    ...(deployment.spec.job?.args ?? []),
  ];
}
