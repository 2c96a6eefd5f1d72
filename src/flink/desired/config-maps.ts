import { dump } from 'js-yaml';
import type { KubeObject } from '../../kube/object.ts';
import { TASK_MANAGER_TEMPLATE_KEY, taskManagerTemplate } from '../conf/pod-templates.ts';
import { renderConf } from '../conf/render.ts';
import { flinkVersionOf } from '../conf/versions.ts';
import { logFiles } from './logging.ts';
import { confMapName, templateMapName } from './mounts.ts';
import { type Cluster, metadataOf } from './names.ts';

/** The conf folder of all of a cluster's pods. */
export function confMap(cluster: Cluster): KubeObject {
  const { spec } = cluster.deployment;
  const { fileName, text } = renderConf(cluster.deployed, flinkVersionOf(spec));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(cluster, confMapName(cluster.name), {}),
    data: { [fileName]: text, ...logFiles(spec.logConfiguration) },
  };
}

/** The template a native JobManager makes its TaskManager pods from. */
export function templateMap(cluster: Cluster): KubeObject {
  const { metadata, spec } = taskManagerTemplate(cluster.deployment.spec, cluster.conf);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata ?? {},
    spec: { containers: [], ...spec },
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(cluster, templateMapName(cluster.name), {}),
    data: { [TASK_MANAGER_TEMPLATE_KEY]: dump(pod, { lineWidth: -1, noRefs: true, sortKeys: true }) },
  };
}
