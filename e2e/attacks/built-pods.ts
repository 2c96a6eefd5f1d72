import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { TASK_MANAGER_TEMPLATE_KEY } from '../../src/flink/conf/pod-templates.ts';
import { desiredCluster } from '../../src/flink/desired/index.ts';
import { effectiveConf as flinkConf } from '../../src/flink/flink-conf.ts';
import type { FlinkDeployment } from '../../src/flink/schema.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { submissionOf } from '../../src/spark/conf/submission.ts';
import { desiredSubmission } from '../../src/spark/desired/index.ts';
import type { SparkApplication } from '../../src/spark/schema.ts';
import { effectiveConf as sparkConf } from '../../src/spark/spark-conf.ts';

const FOLDER = join(import.meta.dirname, '../../deploy/samples');

/** A pod that Weir makes, or has made, of a sample. */
export interface BuiltPod {
  readonly file: string;
  readonly pod: KubeObject;
}

/** The pods of every FlinkDeployment and SparkApplication in deploy/samples, in a namespace. */
export function podsOfSamples(namespace: string): readonly BuiltPod[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return files.flatMap((file) =>
    loadAll(readFileSync(join(FOLDER, file), 'utf8')).flatMap((document) => {
      const sample = document as KubeObject;
      const resource = { ...sample, metadata: { ...sample.metadata, namespace, uid: 'sample', generation: 1 } };
      const pods = podsOf(resource);
      return pods.map((template, index) => ({
        file,
        pod: podFrom(template, `${sample.metadata.name}-${index}`, namespace),
      }));
    }),
  );
}

type Template = { readonly metadata?: object; readonly spec?: unknown };

function podsOf(resource: KubeObject): readonly Template[] {
  if (resource.kind === 'SparkApplication') {
    const application = resource as SparkApplication;
    const submission = submissionOf('sample', 1, 0);
    return [desiredSubmission(application, sparkConf(application, submission), submission).driver];
  }
  if (resource.kind !== 'FlinkDeployment') return [];
  const deployment = resource as FlinkDeployment;
  const start = { startId: 'sample', jobId: '0'.repeat(32), generation: 1, haResultStoreId: 'sample' };
  const conf = flinkConf(deployment, { flinkConfiguration: {} }, start);
  const { jobManager, taskManager, owned } = desiredCluster(deployment, conf, start);
  const templates = owned.flatMap(
    ({ data }) => (data as Record<string, string> | undefined)?.[TASK_MANAGER_TEMPLATE_KEY] ?? [],
  );
  return [
    ...[jobManager, taskManager].flatMap((object) =>
      object === undefined ? [] : [(object.spec as { readonly template: Template }).template],
    ),
    ...templates.map((text) => withImage(load(text) as Template)),
  ];
}

/** What Flink itself adds to the template of its TaskManagers. */
function withImage({ metadata = {}, spec }: Template): Template {
  const { containers, ...rest } = spec as { readonly containers: readonly { readonly name?: string }[] };
  const named = containers.length === 0 ? [{ name: 'flink-main-container' }] : containers;
  return { metadata, spec: { ...rest, containers: named.map((container) => ({ image: 'flink:2.0', ...container })) } };
}

function podFrom({ metadata, spec }: Template, name: string, namespace: string): KubeObject {
  const { ownerReferences: _owners, ...rest } = (metadata ?? {}) as { readonly ownerReferences?: unknown };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...rest, name, namespace }, spec };
}
