import type { KubeObject } from '../../kube/object.ts';
import type { PodTemplate } from '../../kube/schema-parts.ts';
import { sparkContainerOf } from '../conf/pod-templates.ts';
import { NO_RESOURCE } from '../language.ts';
import type { SparkApplication, SparkApplicationSpec } from '../schema.ts';
import type { SparkConnectSpec } from './schema.ts';

/** The program of a Spark Connect server (Spark 3.4 to 4.3). */
const SERVER_CLASS = 'org.apache.spark.sql.connect.service.SparkConnectServer';

/** Executors where nobody says how many (Spark, SchedulerBackendUtils, which the incumbent leaves it to). */
const EXECUTORS = '2';

/** Name of the server's pod (Kubeflow Spark Operator 2.5). */
export function serverPodName({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return `${metadata.name}-server`;
}

/**
 * A Spark Connect server as what it is to Spark: an application whose driver is the server. It keeps kind and identity of the
 * SparkConnect, so that everything made for it is its own. Its spec is what a restart is decided by: another result for the
 * same SparkConnect would restart every server when the operator is updated.
 */
export function applicationFor(connect: KubeObject, spec: SparkConnectSpec): SparkApplication {
  const { status: _status, spec: _spec, ...rest } = connect;
  return { ...rest, spec: applicationSpec(connect, spec) };
}

function applicationSpec(connect: KubeObject, spec: SparkConnectSpec): SparkApplicationSpec {
  const { server = {}, executor = {}, restartPolicy = {} } = spec;
  const { restartPolicyType: type = 'Always', ...retries } = restartPolicy;
  return {
    type: 'Scala',
    mode: 'cluster',
    ...given('sparkVersion', spec.sparkVersion),
    mainClass: SERVER_CLASS,
    mainApplicationFile: NO_RESOURCE,
    sparkConf: sparkConfOf(spec),
    hadoopConf: withoutPrefix(spec.hadoopConf),
    driver: {
      podName: serverPodName(connect),
      ...roleFields('driver', server, spec.image),
      ...given('serviceAccount', server.serviceAccount),
      ...given('template', withoutCommand(server.template)),
    },
    executor: {
      ...roleFields('executor', executor, spec.image),
      ...(executor.instances === 0 ? {} : given('instances', executor.instances)),
      ...given('template', executor.template),
    },
    ...given('dynamicAllocation', spec.dynamicAllocation),
    restartPolicy: {
      type,
      ...retries,
      ...given('onSubmissionFailureRetries', retries.onFailureRetries),
      ...given('onSubmissionFailureRetryInterval', retries.onFailureRetryInterval),
    },
  };
}

type Role = SparkConnectSpec['executor'];

function roleFields(role: 'driver' | 'executor', { cores, memory, template }: NonNullable<Role>, image?: string) {
  return {
    ...given('cores', cores),
    ...given('memory', memory),
    ...given('image', sparkContainerOf(role, template)?.image ?? image),
  };
}

function sparkConfOf({ sparkConf = {}, executor = {}, dynamicAllocation }: SparkConnectSpec): Record<string, string> {
  const key = 'spark.executor.instances';
  if (executor.instances === 0) return { ...sparkConf, [key]: '0' };
  const dynamic = dynamicAllocation?.enabled === true || sparkConf['spark.dynamicAllocation.enabled'] === 'true';
  return executor.instances !== undefined || dynamic ? { ...sparkConf } : { [key]: EXECUTORS, ...sparkConf };
}

const HADOOP = 'spark.hadoop.';

function withoutPrefix(hadoopConf: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(hadoopConf).map(([key, value]) => [key.startsWith(HADOOP) ? key.slice(HADOOP.length) : key, value]),
  );
}

/** How the server is started is not the template's to say (nor is it with the incumbent). */
function withoutCommand(template: PodTemplate | undefined): PodTemplate | undefined {
  const spark = sparkContainerOf('driver', template);
  if (template?.spec === undefined || spark === undefined) return template;
  const { command: _command, args: _args, ...container } = spark;
  const containers = template.spec.containers?.map((item) => (item === spark ? container : item)) ?? [];
  return { ...template, spec: { ...template.spec, containers } };
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: Value });
}
