import type { KubeObject } from '../../../kube/object.ts';
import { SPARK_APPLICATION_KIND } from '../../../spark/schema.ts';

/** A small application named default/pi; `spec` is laid over an ordinary one, field by field. */
export function sparkApplication(spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  return {
    ...SPARK_APPLICATION_KIND,
    metadata: { name: 'pi', namespace: 'default' },
    spec: {
      type: 'Scala',
      mode: 'cluster',
      sparkVersion: '3.5.9',
      image: 'spark:1',
      mainClass: 'org.apache.spark.examples.SparkPi',
      mainApplicationFile: 'local:///opt/spark/examples/jars/spark-examples.jar',
      driver: { cores: 1, memory: '512m', serviceAccount: 'spark' },
      executor: { instances: 2, cores: 1, memory: '512m', env: [{ name: 'COLOUR', value: 'blue' }] },
      ...spec,
    },
  };
}
