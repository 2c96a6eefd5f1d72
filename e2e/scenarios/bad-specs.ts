/** A spec that Kubernetes lets in and the operator must refuse. */
export interface BadSpec {
  readonly name: string;
  /** The bad spec, from a good one. */
  readonly change: (spec: Record<string, unknown>) => Record<string, unknown>;
  /** What condition, error and event must say: this text, or one that matches. */
  readonly message: string | RegExp;
}

const longName = 'a-name-that-kubernetes-takes-and-flink-does-not';

const memoryRule = 'it must be a memory size above 0, such as 2048m, 2g or 2Gi';
const derived = "it must not be set, since Weir derives it from the resource's name and namespace";

function job(change: Record<string, unknown>): BadSpec['change'] {
  return (spec) => ({ ...spec, job: { ...(spec.job as object), ...change } });
}

function option(key: string, value: string): BadSpec['change'] {
  return (spec) => ({ ...spec, flinkConfiguration: { ...(spec.flinkConfiguration as object), [key]: value } });
}

/** Each with one thing wrong, and the sentence that says so. */
export const badSpecs: readonly BadSpec[] = [
  {
    name: 'negative-parallelism',
    change: job({ parallelism: -1 }),
    message: 'spec.job.parallelism: -1 is not valid, it must be at least 1',
  },
  {
    name: 'no-parallelism',
    change: job({ parallelism: 0 }),
    message: 'spec.job.parallelism: 0 is not valid, it must be at least 1',
  },
  {
    name: 'no-account',
    change: ({ serviceAccount: _, ...spec }) => spec,
    message: 'spec.serviceAccount: is missing, it must name the service account of the pods',
  },
  {
    name: 'no-version',
    change: ({ flinkVersion: _, ...spec }) => spec,
    message:
      'spec.flinkVersion: is missing, it must be one of v1_15, v1_16, v1_17, v1_18, v1_19, v1_20, v2_0, v2_1, v2_2, v2_3, v2_4',
  },
  {
    name: 'no-jar',
    change: job({ jarURI: undefined, entryClass: undefined }),
    message:
      "spec.job.jarURI: is missing, it must name the job's jar in the image (local:///opt/flink/usrlib/job.jar), unless entryClass names a class on its class path",
  },
  {
    name: 'strange-memory',
    change: (spec) => ({ ...spec, jobManager: { resource: { memory: '12xb', cpu: 1 } } }),
    message: `spec.jobManager.resource.memory: "12xb" is not valid, ${memoryRule}`,
  },
  {
    name: 'negative-memory',
    change: (spec) => ({ ...spec, taskManager: { resource: { memory: '-1g', cpu: 1 } } }),
    message: `spec.taskManager.resource.memory: "-1g" is not valid, ${memoryRule}`,
  },
  {
    name: 'foreign-cluster',
    change: option('kubernetes.cluster-id', 'good'),
    message: `spec.flinkConfiguration["kubernetes.cluster-id"]: "good" is not valid, ${derived}`,
  },
  {
    name: 'foreign-ha',
    change: option('high-availability.cluster-id', 'good'),
    message: `spec.flinkConfiguration["high-availability.cluster-id"]: "good" is not valid, ${derived}`,
  },
  {
    name: 'slots-in-words',
    change: option('taskmanager.numberOfTaskSlots', 'two'),
    message:
      'spec.flinkConfiguration["taskmanager.numberOfTaskSlots"]: "two" is not valid, it must be a whole number of at least 1',
  },
  {
    name: 'malformed-template',
    change: (spec) => ({ ...spec, podTemplate: { spec: { containers: [{ image: 'sidecar' }] } } }),
    message:
      "spec.podTemplate.spec.containers[0].name: is missing, it must be a name of at most 63 lower-case letters, digits and '-'",
  },
  {
    name: 'too-much',
    change: (spec) => ({ ...spec, flinkConfiguration: { filler: 'x'.repeat(900 * 1024) } }),
    message:
      /^spec\.flinkConfiguration: 900\.01 KiB is not valid, it must be small enough that the spec has at most 384 KiB as JSON; it has 90\d\.?\d* KiB$/,
  },
  {
    name: longName,
    change: (spec) => spec,
    message: `metadata.name: "${longName}" is not valid, it must be at most 45 lower-case letters, digits and '-', start with a letter and not end with '-'`,
  },
];
