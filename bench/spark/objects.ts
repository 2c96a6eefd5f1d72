import { type KubeObject, ownerReference } from '../../src/kube/object.ts';
import { type Submission, submissionOf } from '../../src/spark/conf/submission.ts';
import { desiredSubmission } from '../../src/spark/desired/index.ts';
import { SPARK_APPLICATION_KIND, type SparkApplication } from '../../src/spark/schema.ts';
import { effectiveConf } from '../../src/spark/spark-conf.ts';
import { NAMESPACE } from '../api.ts';

/** A small Python application as a user would write it, about 1 kB. */
export function sparkApplication(name: string): SparkApplication {
  return {
    ...SPARK_APPLICATION_KIND,
    metadata: { name, namespace: NAMESPACE, labels: { bench: 'b3' } },
    spec: {
      type: 'Python',
      mode: 'cluster',
      sparkVersion: '4.0.0',
      image: 'spark:4.0.0',
      mainApplicationFile: 'local:///opt/spark/examples/src/main/python/pi.py',
      arguments: ['100'],
      restartPolicy: { type: 'Never' },
      driver: { cores: 1, memory: '512m', serviceAccount: 'spark', labels: { team: 'bench' } },
      executor: { cores: 1, instances: 1, memory: '512m' },
    },
  };
}

/** What Weir makes for one submission of that application, in its order, owned by the resource as it was created. */
export function submissionObjects(created: KubeObject): readonly KubeObject[] {
  const application = created as SparkApplication;
  const submission: Submission = submissionOf(created.metadata.uid ?? '', 1, 0);
  const conf = effectiveConf(application, submission);
  const { supports, around, driver, confFolder } = desiredSubmission(application, conf, submission);
  const ownerReferences = [ownerReference(created, { controller: true })];
  return [...supports, ...around, driver, confFolder].map((object) => ({
    ...object,
    metadata: { ...object.metadata, ownerReferences },
  }));
}
