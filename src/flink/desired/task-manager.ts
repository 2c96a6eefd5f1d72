import type { KubeObject } from '../../kube/object.ts';
import { integerOf } from '../conf/entry.ts';
import { taskManagerTemplate } from '../conf/pod-templates.ts';
import { clusterResources } from '../resources.ts';
import { componentDeployment, generatedPod } from './deployments.ts';
import type { Cluster } from './names.ts';
import { podTemplateSpec } from './pod.ts';

/** The Deployment of a standalone cluster's TaskManagers (incumbent StandaloneKubernetesTaskManagerFactory). */
export function taskManagerDeployment(cluster: Cluster): KubeObject {
  const { deployment, conf } = cluster;
  const containerPort = integerOf(conf, 'taskmanager.rpc.port', 6122);
  const pod = generatedPod(cluster, 'taskmanager', {
    main: { args: ['taskmanager'], ports: [{ name: 'taskmanager-rpc', containerPort }] },
    mounts: [],
    env: [],
    annotations: [],
  });
  return componentDeployment(cluster, 'taskmanager', {
    replicas: clusterResources(deployment.spec, conf).taskManagers,
    template: podTemplateSpec(taskManagerTemplate(deployment.spec, conf), pod),
    annotations: [],
  });
}
