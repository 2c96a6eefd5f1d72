import type { V1Service } from '@kubernetes/client-node';
import type { z } from 'zod';
import type { Issue } from '../../core/issue.ts';
import { issueOf } from '../../core/issues.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isNestedDeeperThan, schemaProblems, withoutNulls } from '../../kube/parse.ts';
import {
  choice,
  condition,
  field,
  group,
  integer,
  integerMap,
  kubernetesType,
  list,
  nullableText,
  podTemplate,
  text,
  textMap,
} from '../../kube/schema-parts.ts';
import type { DeepReadonly } from '../../lib/deep-readonly.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { DynamicAllocation, MAX_DEPTH, SPARK_GROUP, SparkApplicationStatus } from '../schema.ts';

/** The kind, as it is watched. */
export const SPARK_CONNECT_KIND = { apiVersion: `${SPARK_GROUP}/v1alpha1`, kind: 'SparkConnect' } as const;

function podFields(role: 'server' | 'executor') {
  const property = role === 'server' ? 'driver' : 'executor';
  return {
    cores: field(integer(), 'Cores Spark uses.', { fallback: `\`spark.${property}.cores\` of sparkConf, else 1` }),
    memory: field(text(), 'Heap, such as 512m or 4g.', {
      fallback: `\`spark.${property}.memory\` of sparkConf, else 1g`,
    }),
    template: field(
      podTemplate(),
      `Pod template. The Spark container is spark-kubernetes-${property}, else the first.`,
    ),
  };
}

/** spec.server. */
export const ServerSpec = group({
  ...podFields('server'),
  serviceAccount: field(text(), 'The service account of the server.', {
    fallback: "that of the template, else the namespace's default",
  }),
  service: field(
    kubernetesType<DeepReadonly<V1Service>>('Service'),
    'The Service clients use: its name, labels, annotations and spec. It always leads to the server and has its four ports.',
    { fallback: 'a ClusterIP Service named `<name>-server`' },
  ),
});

/** spec.executor. */
export const ConnectExecutorSpec = group({
  ...podFields('executor'),
  instances: field(integer(), 'Executors.', { fallback: '`spark.executor.instances` of sparkConf, else 2' }),
});

/** spec.restartPolicy. */
export const ConnectRestartPolicy = group({
  restartPolicyType: field(choice(['Never', 'Always', 'OnFailure']), 'When a server that has ended is started again.', {
    fallback: 'Always',
  }),
  onFailureRetries: field(integer(), 'Further starts with OnFailure.', { fallback: 'none' }),
  onFailureRetryInterval: field(integer(), 'Seconds, times the starts so far, from the last start on.', {
    fallback: '5',
  }),
});

/** SparkConnect.spec. */
export const SparkConnectSpec = group({
  sparkVersion: field(text(), 'The Spark version in the image.'),
  image: field(text(), 'Image of server and executors. That of a template wins over it.'),
  sparkConf: field(textMap(), 'Spark properties. Fields of the spec win over them.'),
  hadoopConf: field(textMap(), 'Hadoop properties, with or without `spark.hadoop.`.'),
  server: field(ServerSpec, 'The server.'),
  executor: field(ConnectExecutorSpec, 'The executors.'),
  dynamicAllocation: field(DynamicAllocation, 'Executors as they are needed.', { fallback: 'off' }),
  restartPolicy: field(ConnectRestartPolicy, 'When a server that has ended is started again.', { fallback: 'always' }),
});
export type SparkConnectSpec = DeepReadonly<z.infer<typeof SparkConnectSpec>>;

/** status.state, in the incumbent's words; the empty text is a new one. */
export const CONNECT_STATES = ['', 'Ready', 'NotReady', 'Failed', 'Completed'] as const;

/** One of CONNECT_STATES. */
export type ConnectState = (typeof CONNECT_STATES)[number];

/** SparkConnect.status: the incumbent's fields and, marked as added, Weir's own. */
export const SparkConnectStatus = group({
  state: field(text(), 'Ready: clients can connect. NotReady, Failed, Completed: they cannot.'),
  server: field(
    group({
      podName: field(text(), "The server's pod."),
      podIp: field(text(), 'Its address.'),
      serviceName: field(text(), 'The Service clients use.'),
    }),
    'The server.',
  ),
  executors: field(integerMap(), 'Executor pods by phase, in lower case.'),
  startTime: field(nullableText(), 'When it was first looked at.'),
  lastUpdateTime: field(nullableText(), 'When this status last changed.'),
  restartAttempts: field(integer(), 'Starts of the server for the present spec after the first one.'),
  lastRestartTime: field(nullableText(), 'When it was last started again.'),
  observedGeneration: field(integer(), 'The generation of the spec this status is about.'),
  run: field(SparkApplicationStatus, "The server's run, as the status of a SparkApplication has it.", { added: true }),
  conditions: field(
    list(condition()),
    'ServerPodReady; and Ready, Reconciling, Stalled for kubectl wait, Flux and Helm.',
  ),
});
export type SparkConnectStatus = DeepReadonly<z.infer<typeof SparkConnectStatus>>;

/** A SparkConnect whose spec fits the schema. */
export interface SparkConnect extends KubeObject {
  readonly spec: SparkConnectSpec;
  readonly status?: SparkConnectStatus;
}

/** Checks a spec against the schema; nulls count as absent. Everything that does not fit is reported. */
export function parseSparkConnectSpec(value: unknown): Result<SparkConnectSpec, readonly Issue[]> {
  if (isNestedDeeperThan(value, MAX_DEPTH)) {
    return err([{ path: 'spec', value: 'the nesting', rule: `be at most ${MAX_DEPTH} levels deep` }]);
  }
  const spec = withoutNulls(value ?? undefined, new Set());
  const problems = schemaProblems(SparkConnectSpec, spec, ['spec']);
  return problems.length === 0 ? ok(spec as SparkConnectSpec) : err(problems.map(issueOf));
}
