import { amountsOf, plus } from '../core/capacity/amounts.ts';
import type { PodGroup } from '../core/capacity/demand.ts';
import { type PodShape, podShapeOf } from '../core/capacity/pod-shape.ts';
import type { KubeObject } from '../kube/object.ts';
import { rememberedWith } from '../lib/remembered.ts';
import { isStandalone } from './conf/mode.ts';
import { MAIN_CONTAINER } from './conf/pod-templates.ts';
import { listOption } from './conf/values.ts';
import { jobManagerDeployment } from './desired/job-manager.ts';
import { clusterOf } from './desired/names.ts';
import { taskManagerDeployment } from './desired/task-manager.ts';
import { type ClusterStart, type FlinkConf, optionOf } from './flink-conf.ts';
import { clusterResources } from './resources.ts';
import type { FlinkDeployment } from './schema.ts';

/** What of a start is in no pod's shape. */
const ANY_START: ClusterStart = { startId: '', jobId: '', generation: 0, haResultStoreId: '' };

/**
 * The pods a FlinkDeployment runs as, with what each requests: from the objects Weir applies, and in native mode, where
 * Flink makes the TaskManager pods, from the same template and options Flink makes them from. A native session has none
 * of its own.
 */
export function clusterPods(deployment: FlinkDeployment, conf: FlinkConf): readonly PodGroup[] {
  return podsOf({ deployment, conf });
}

interface Demanding {
  readonly deployment: FlinkDeployment;
  readonly conf: FlinkConf;
}

/** Asked for in several passes of each start. */
const podsOf = rememberedWith(
  ({ conf }: Demanding) => conf,
  ({ deployment: { spec, metadata } }) => [spec, metadata.namespace, metadata.name],
  groupsOf,
);

function groupsOf({ deployment, conf }: Demanding): readonly PodGroup[] {
  const cluster = clusterOf(deployment, conf, ANY_START);
  const { jobManagers, taskManagers } = clusterResources(deployment.spec, conf);
  const workers = shapeOf(taskManagerDeployment(cluster));
  const shape = isStandalone(deployment.spec) ? workers : withExternalResources(workers, conf);
  return [
    { role: 'JobManager', count: jobManagers, shape: shapeOf(jobManagerDeployment(cluster)) },
    { role: 'TaskManager', count: taskManagers, shape },
  ];
}

function shapeOf({ spec }: KubeObject): PodShape {
  return podShapeOf((spec as { readonly template: { readonly spec: unknown } }).template.spec);
}

/** Resources such as GPUs that Flink itself asks for in native mode (its documentation, "External Resource Framework"). */
function withExternalResources(shape: PodShape, conf: FlinkConf): PodShape {
  const named = listOption(conf, 'external-resources').flatMap((name) => {
    const resource = optionOf(conf, `external-resource.${name}.kubernetes.config-key`);
    const amount = optionOf(conf, `external-resource.${name}.amount`);
    return resource === undefined || amount === undefined ? [] : [[resource, amount] as const];
  });
  if (named.length === 0) return shape;
  const more = amountsOf(Object.fromEntries(named));
  const containers = shape.containers.map((container) =>
    container.name === MAIN_CONTAINER
      ? { ...container, requests: plus(container.requests, more), limits: plus(container.limits, more) }
      : container,
  );
  return { ...shape, containers };
}
