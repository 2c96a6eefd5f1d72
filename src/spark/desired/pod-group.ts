import type { KubeObject } from '../../kube/object.ts';
import { type BatchScheduler, batchScheduler, groupResources, podGroupName } from '../conf/batch.ts';
import { type Build, metadataOf } from './names.ts';

/** The kinds of PodGroups, by whose they are. */
export const POD_GROUPS = {
  volcano: { apiVersion: 'scheduling.volcano.sh/v1beta1', kind: 'PodGroup' },
  'scheduler-plugins': { apiVersion: 'scheduling.x-k8s.io/v1alpha1', kind: 'PodGroup' },
} as const satisfies Partial<Record<BatchScheduler['kind'], object>>;

/**
 * The PodGroup of an application whose scheduler goes by them. One member is enough to begin with, the driver, which makes
 * the others; what they all need is there from the start (Kubeflow Spark Operator 2.5).
 */
export function podGroup(build: Build): readonly KubeObject[] {
  const { application, conf, settings } = build;
  const kind = batchScheduler(application.spec, settings)?.kind;
  if (kind === undefined || kind === 'yunikorn') return [];
  const { queue, priorityClassName, resources = {} } = application.spec.batchSchedulerOptions ?? {};
  const given = Object.keys(resources).length > 0;
  // Queue and priority are words of Volcano only.
  const more = kind === 'volcano' ? { ...named('queue', queue), ...named('priorityClassName', priorityClassName) } : {};
  return [
    {
      ...POD_GROUPS[kind],
      metadata: metadataOf(build, podGroupName(application, kind), {}),
      spec: { minMember: 1, minResources: given ? resources : groupResources(application, conf), ...more },
    },
  ];
}

function named(field: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined || value === '' ? {} : { [field]: value };
}
