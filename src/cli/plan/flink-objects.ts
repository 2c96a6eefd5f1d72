import type { KubeObject } from '../../kube/object.ts';
import type { PlannedObject } from './report.ts';

/** What an object of a Flink cluster is for, in one line. */
export function describeObject(object: KubeObject): string {
  const { kind, metadata } = object;
  const { name } = metadata;
  switch (kind) {
    case 'Deployment':
      return metadata.labels?.component === 'taskmanager' ? 'runs the TaskManagers' : 'runs the JobManager';
    case 'Service':
      return name.endsWith('-rest')
        ? 'REST API and web UI of the JobManager'
        : 'where TaskManagers find the JobManager';
    case 'ConfigMap':
      return name.startsWith('pod-template-') ? 'template of TaskManager pods' : 'Flink configuration and log settings';
    case 'Ingress':
      return 'spec.ingress';
    default:
      return 'part of the cluster';
  }
}

/** The TaskManager pods, which in native mode Flink makes, not Weir. */
export function taskManagerPods(name: string, count: number): PlannedObject {
  const pods = count === 1 ? '1 pod' : `${count} pods`;
  return { kind: 'Pod', name: `${name}-taskmanager-1-*`, because: `${pods}, made by the JobManager once it runs` };
}
