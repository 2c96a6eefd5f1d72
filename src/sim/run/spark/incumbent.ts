import { type KubeObject, ownerReference } from '../../../kube/object.ts';
import type { SparkStage } from './stage.ts';

/** The submission that the operator before made. */
export const SUBMISSION_BEFORE = {
  submissionID: '0f0e0d0c-1111-4222-8333-444455556666',
  sparkApplicationId: 'spark-0f0e0d0c111142228333444455556666',
  driverInfo: { podName: 'pi-driver' },
};

const LABELS = {
  'sparkoperator.k8s.io/app-name': 'pi',
  'sparkoperator.k8s.io/launched-by-spark-operator': 'true',
  'sparkoperator.k8s.io/submission-id': SUBMISSION_BEFORE.submissionID,
};

const PROPERTIES = {
  'spark.app.id': SUBMISSION_BEFORE.sparkApplicationId,
  'spark.executor.instances': '2',
  'spark.executor.memory': '512m',
  'spark.kubernetes.authenticate.driver.serviceAccountName': 'spark',
  'spark.kubernetes.driver.pod.name': 'pi-driver',
  'spark.kubernetes.executor.container.image': 'spark:1',
  'spark.kubernetes.executor.podNamePrefix': 'pi-0f0e0d0c',
  ...Object.fromEntries(
    Object.entries(LABELS).map(([key, value]) => [`spark.kubernetes.executor.label.${key}`, value]),
  ),
};

/**
 * Makes what the Kubeflow Spark Operator 2.5 has made of the application: a driver pod the application owns, and a Service
 * and a ConfigMap the pod owns, without labels of the operator.
 */
export function submittedBefore(stage: SparkStage): void {
  const application = stage.stored();
  if (application === undefined) return;
  const { image } = application.spec as { readonly image: string };
  const pod = stage.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'pi-driver',
      labels: { ...LABELS, 'spark-role': 'driver', 'spark-app-selector': SUBMISSION_BEFORE.sparkApplicationId },
      ownerReferences: [ownerReference(application, { controller: true })],
    },
    spec: podSpec(image),
  });
  const owned = { ownerReferences: [ownerReference(pod, { controller: true })] };
  const selector = { 'spark-app-selector': SUBMISSION_BEFORE.sparkApplicationId };
  const data = Object.entries(PROPERTIES).map(([key, value]) => `${key}=${value}`);
  stage.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'spark-drv-0f0e-conf-map', ...owned },
    data: { 'spark.properties': data.join('\n') },
  });
  stage.put({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'pi-0f0e-driver-svc', labels: selector, ...owned },
    spec: { clusterIP: 'None', selector },
  });
}

function podSpec(image: string): KubeObject['spec'] {
  const volume = { name: 'spark-conf-volume-driver', configMap: { name: 'spark-drv-0f0e-conf-map' } };
  const container = {
    name: 'spark-kubernetes-driver',
    image,
    args: ['driver', '--properties-file', '/opt/spark/conf/spark.properties', '--class', 'A', 'local:///a.jar'],
    volumeMounts: [{ name: volume.name, mountPath: '/opt/spark/conf' }],
  };
  return { restartPolicy: 'Never', serviceAccountName: 'spark', volumes: [volume], containers: [container] };
}
