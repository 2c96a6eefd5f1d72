import type { KubeObject } from '../../kube/object.ts';
import { driverPodName, SPARK_LABELS } from '../conf/submission.ts';
import { exporterMap } from './exporter.ts';
import { type Build, metadataOf } from './names.ts';
import { podGroup } from './pod-group.ts';
import { portObjects, uiObjects } from './ui.ts';

/**
 * Objects an application has beside its pods. Their names are the same for every submission, so one that is there from the
 * submission before is taken over by the next.
 */
export function aroundObjects(build: Build): readonly KubeObject[] {
  return [
    ...podGroup(build),
    ...exporterMap(build),
    ...uiObjects(build),
    ...portObjects(build),
    ...disruptionBudget(build),
  ];
}

/** Keeps the driver from voluntary evictions, such as a node being drained. */
function disruptionBudget(build: Build): readonly KubeObject[] {
  const { application } = build;
  if (application.spec.driverPodDisruptionBudget !== true) return [];
  const { name } = application.metadata;
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadataOf(build, driverPodName(application), {}),
      spec: {
        minAvailable: 1,
        selector: { matchLabels: { [SPARK_LABELS.appName]: name, 'spark-role': 'driver' } },
      },
    },
  ];
}
