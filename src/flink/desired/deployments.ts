import type { KubeObject } from '../../kube/object.ts';
import { bytesQuantity, cpuQuantity } from '../../kube/quantity.ts';
import { isTrue, optionOf } from '../conf/entry.ts';
import { listOption, mapListOption, mapOption, prefixOption } from '../conf/values.ts';
import { defaultImage, flinkVersionOf } from '../conf/versions.ts';
import { clusterResources, type PodAmount } from '../resources.ts';
import { artifactsMount, confMount, type Mount, optionEnv, optionMounts } from './mounts.ts';
import { type Cluster, metadataOf, ownedByDeployment, START_ID_ANNOTATION, selectorLabels } from './names.ts';
import type { GeneratedPod, MainContainer } from './pod.ts';

type Component = 'jobmanager' | 'taskmanager';

/** A Deployment of one component, owned by the FlinkDeployment. */
export function componentDeployment(
  cluster: Cluster,
  component: Component,
  body: {
    readonly replicas: number;
    readonly template: object;
    readonly annotations: readonly (readonly [string, string])[];
  },
): KubeObject {
  const { name, conf } = cluster;
  const metadata = metadataOf(cluster, component === 'jobmanager' ? name : `${name}-taskmanager`, {
    labels: [...mapOption(conf, `kubernetes.${component}.labels`), ['component', component]],
    annotations: [...mapOption(conf, `kubernetes.${component}.annotations`), ...body.annotations],
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, ...ownedByDeployment(cluster, false) },
    spec: {
      replicas: body.replicas,
      selector: { matchLabels: selectorLabels(cluster, component) },
      // A JobManager beside the one that replaces it would run the job twice.
      strategy: { type: 'Recreate' },
      template: body.template,
    },
  };
}

/** What both components' pods get from the options (Flink InitJobManagerDecorator, incumbent InitStandaloneTaskManagerDecorator). */
export function generatedPod(
  cluster: Cluster,
  component: Component,
  own: {
    readonly main: Pick<MainContainer, 'args' | 'ports'> & Partial<Pick<MainContainer, 'startupProbe'>>;
    readonly mounts: readonly Mount[];
    readonly env: readonly object[];
    readonly annotations: readonly (readonly [string, string])[];
  },
): GeneratedPod {
  const { conf, start } = cluster;
  const key = `kubernetes.${component}`;
  const hostNetwork = isTrue(conf, 'kubernetes.hostnetwork.enabled', false);
  const artifacts = component === 'jobmanager' ? [artifactsMount(cluster)] : [];
  const mounts = [...artifacts, ...optionMounts(cluster), confMount(cluster), ...own.mounts];
  return {
    labels: { ...Object.fromEntries(mapOption(conf, `${key}.labels`)), ...selectorLabels(cluster, component) },
    annotations: {
      ...Object.fromEntries([...mapOption(conf, `${key}.annotations`), ...own.annotations]),
      [START_ID_ANNOTATION]: start.startId,
    },
    serviceAccountName: optionOf(conf, `${key}.service-account`, 'kubernetes.service-account'),
    hostNetwork,
    imagePullSecrets: listOption(conf, 'kubernetes.container.image.pull-secrets').map((name) => ({ name })),
    nodeSelector: Object.fromEntries(mapOption(conf, `${key}.node-selector`)),
    tolerations: mapListOption(conf, `${key}.tolerations`).map(toleration),
    volumes: mounts.map(({ volume }) => volume),
    main: {
      image: optionOf(conf, 'kubernetes.container.image.ref', 'kubernetes.container.image'),
      defaultImage: defaultImage(flinkVersionOf(cluster.deployment.spec)),
      imagePullPolicy: optionOf(conf, 'kubernetes.container.image.pull-policy'),
      command: [optionOf(conf, 'kubernetes.entry.path') ?? '/docker-entrypoint.sh'],
      args: own.main.args,
      env: uniqueByName([...environment(cluster, component), ...own.env, ...optionEnv(cluster)]),
      ports: hostNetwork ? [] : own.main.ports,
      ...requestsAndLimits(cluster, component),
      volumeMounts: mounts.map(({ mount }) => mount),
      ...(own.main.startupProbe === undefined || hostNetwork ? {} : { startupProbe: own.main.startupProbe }),
    },
  };
}

function environment({ conf }: Cluster, component: Component): readonly object[] {
  const prefix = component === 'jobmanager' ? 'containerized.master.env.' : 'containerized.taskmanager.env.';
  return prefixOption(conf, prefix).map(([name, value]) => ({ name, value }));
}

function requestsAndLimits(cluster: Cluster, component: Component): Pick<MainContainer, 'requests' | 'limits'> {
  const resources = clusterResources(cluster.deployment.spec, cluster.conf);
  const amount: PodAmount = component === 'jobmanager' ? resources.jobManager : resources.taskManager;
  const quantities = ({ cpu, memoryBytes }: { readonly cpu: number; readonly memoryBytes: number }) => ({
    cpu: cpuQuantity(cpu),
    memory: bytesQuantity(memoryBytes),
  });
  return { requests: quantities(amount), limits: quantities(amount.limits) };
}

/** A toleration from Flink's notation, in which all values are text. */
function toleration(map: ReadonlyMap<string, string>): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    [...map].map(([field, value]) => [field, field === 'tolerationSeconds' ? Number(value) : value]),
  );
}

/** The last of several variables of one name, as a container would see it. */
function uniqueByName(variables: readonly object[]): readonly Readonly<Record<string, unknown>>[] {
  const byName = new Map<unknown, Readonly<Record<string, unknown>>>();
  for (const variable of variables) {
    const fields: Readonly<Record<string, unknown>> = { ...variable };
    byName.set(fields.name, fields);
  }
  return [...byName.values()];
}
