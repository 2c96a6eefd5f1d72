import type { KubeObject } from '../../../../kube/object.ts';
import { SPARK_CONNECT_KIND } from '../../../../spark/connect/schema.ts';

/** A small server named default/query; `spec` is laid over an ordinary one, field by field. */
export function sparkConnect(spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  return {
    ...SPARK_CONNECT_KIND,
    metadata: { name: 'query', namespace: 'default' },
    spec: {
      sparkVersion: '4.0.1',
      image: 'spark:1',
      server: { cores: 1, memory: '512m', serviceAccount: 'spark' },
      executor: { instances: 2, cores: 1, memory: '512m' },
      ...spec,
    },
  };
}
