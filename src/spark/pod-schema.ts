import type {
  V1Affinity,
  V1Container,
  V1EnvFromSource,
  V1EnvVar,
  V1HostAlias,
  V1Lifecycle,
  V1PodDNSConfig,
  V1PodSecurityContext,
  V1SecurityContext,
  V1Toleration,
  V1VolumeMount,
} from '@kubernetes/client-node';
import type { z } from 'zod';
import { field, flag, group, integer, kubernetesType, list, podTemplate, text, textMap } from '../kube/schema-parts.ts';
import type { DeepReadonly } from '../lib/deep-readonly.ts';

/** A ConfigMap or Secret and where it is mounted. */
const NamePath = {
  name: field(text(), 'Its name.'),
  path: field(text(), 'The folder it is mounted at.'),
};

/** spec.*.secrets[]. */
export const SecretMount = group({
  ...NamePath,
  secretType: field(
    text(),
    'Generic, or one that also sets an environment variable: GCPServiceAccount (GOOGLE_APPLICATION_CREDENTIALS) and HadoopDelegationToken (HADOOP_TOKEN_FILE_LOCATION).',
  ),
});
export type SecretMount = DeepReadonly<z.infer<typeof SecretMount>>;

/** spec.*.ports[]. */
export const SparkPort = group({
  name: field(text(), 'Its name.'),
  protocol: field(text(), 'TCP, UDP or SCTP.'),
  containerPort: field(integer(), 'The port.'),
});

function ofContainer(role: string) {
  return {
    env: field(list(kubernetesType<V1EnvVar>('EnvVar')), `Environment variables of the ${role}.`),
    envVars: field(textMap(), 'The same as a map. Deprecated: use env.'),
    envFrom: field(list(kubernetesType<V1EnvFromSource>('EnvFromSource')), 'Environment from ConfigMaps and Secrets.'),
    envSecretKeyRefs: field(
      kubernetesType<Record<string, { name?: string; key?: string }>>('map of name and key by variable'),
      'Environment variables from keys of Secrets. Deprecated: use env.',
    ),
    volumeMounts: field(
      list(kubernetesType<V1VolumeMount>('VolumeMount')),
      'Mounts of spec.volumes; those named spark-local-dir-… hold local data.',
    ),
    configMaps: field(list(group(NamePath)), 'ConfigMaps to mount, read-only.'),
    secrets: field(list(SecretMount), 'Secrets to mount.'),
    securityContext: field(
      kubernetesType<V1SecurityContext>('SecurityContext'),
      'Security context of the Spark container.',
    ),
    lifecycle: field(kubernetesType<V1Lifecycle>('Lifecycle'), 'Lifecycle hooks of the Spark container.'),
    ports: field(list(SparkPort), 'Further ports of the Spark container.'),
  };
}

function ofPod(role: string) {
  return {
    labels: field(textMap(), `Labels of the ${role}.`),
    annotations: field(textMap(), `Annotations of the ${role}.`),
    affinity: field(kubernetesType<V1Affinity>('Affinity'), 'Scheduling constraints.'),
    tolerations: field(list(kubernetesType<V1Toleration>('Toleration')), 'Taints that are tolerated.'),
    podSecurityContext: field(
      kubernetesType<V1PodSecurityContext>('PodSecurityContext'),
      'Security context of the pod.',
    ),
    schedulerName: field(text(), 'The scheduler.', { fallback: "the cluster's default" }),
    sidecars: field(list(kubernetesType<V1Container>('Container')), 'Containers beside the Spark container.'),
    initContainers: field(list(kubernetesType<V1Container>('Container')), 'Containers that run before.'),
    hostNetwork: field(flag(), "Use the node's network.", { fallback: 'false' }),
    nodeSelector: field(textMap(), 'Labels a node must have. Not together with spec.nodeSelector.'),
    dnsConfig: field(kubernetesType<V1PodDNSConfig>('PodDNSConfig'), 'DNS settings.'),
    terminationGracePeriodSeconds: field(integer(), 'Seconds between SIGTERM and SIGKILL.', { fallback: '30' }),
    serviceAccount: field(text(), 'The service account.', {
      fallback: role === 'driver' ? "the namespace's default" : "the driver's",
    }),
    hostAliases: field(list(kubernetesType<V1HostAlias>('HostAlias')), 'Entries of /etc/hosts.'),
    shareProcessNamespace: field(flag(), 'One process namespace for all containers.', { fallback: 'false' }),
    priorityClassName: field(text(), 'The priority class.'),
  };
}

/** Fields driver and executor have in common, as the incumbent's SparkPodSpec has them. */
export function podFields(role: 'driver' | 'executor') {
  return {
    template: field(
      podTemplate(),
      `Pod template of the ${role}; the other fields win over it. The Spark container is spark-kubernetes-${role}.`,
    ),
    cores: field(integer(), 'Cores Spark uses.', { fallback: `\`spark.${role}.cores\` of sparkConf, else 1` }),
    coreRequest: field(text(), 'CPU request, a quantity.', { fallback: 'cores' }),
    coreLimit: field(text(), 'CPU limit, a quantity.', { fallback: 'none' }),
    memory: field(text(), 'Heap, such as 512m or 4g.', { fallback: `\`spark.${role}.memory\` of sparkConf, else 1g` }),
    memoryLimit: field(
      text(),
      role === 'driver'
        ? 'Memory limit of the container, if not the request.'
        : 'Not applied: a driver makes executors with their request as limit. `memoryOverhead` gives them more.',
    ),
    memoryOverhead: field(text(), 'Memory beside the heap, such as 512m; MiB without a unit.', {
      fallback: 'memoryOverheadFactor of the heap, at least 384m',
    }),
    gpu: field(
      group({
        name: field(text(), 'Resource name, such as nvidia.com/gpu.'),
        quantity: field(integer(), 'How many.'),
      }),
      `GPUs of the ${role}.`,
    ),
    image: field(text(), `Image of the ${role}.`, { fallback: 'spec.image' }),
    javaOptions: field(text(), 'Options of the JVM; the heap is set by memory.'),
    ...ofContainer(role),
    ...ofPod(role),
  };
}
