import { FLINK_API_VERSION, FlinkDeploymentSpec, FlinkDeploymentStatus } from '../../src/flink/schema.ts';
import { FORBIDDEN_OPTIONS, MAX_PARALLELISM, MAX_SPEC_BYTES } from '../../src/flink/validate.ts';
import { MAX_FLINK_CLUSTER_ID } from '../../src/kube/names.ts';
import { jsonSchemaOf } from '../../src/kube/structural-schema.ts';
import { describeBytes } from '../../src/lib/memory-size.ts';
import { fieldTables } from './fields.ts';

const HEAD = `# FlinkDeployment

\`apiVersion: ${FLINK_API_VERSION}\`, \`kind: FlinkDeployment\`, short name \`flinkdep\`. This page is generated from the schema in
src/flink; \`kubectl explain flinkdeployment.spec\` says the same.

A resource with \`spec.job\` is an application cluster: one job, one cluster. Without it, it is a session cluster, on which
[FlinkSessionJobs](flinksessionjob.md) run. A session whose spec changes is started anew with its high-availability data kept, so that
Flink recovers its jobs; without high availability they are submitted again, as far as they have no state. It is deleted only when no
FlinkSessionJob names it (\`kubernetes.operator.session.deletion.block-on-session-jobs\`) and no other job runs on it
(\`…block-on-unmanaged-jobs\`); until then the condition \`Ready\` names them with the reason \`CleanupFailed\`.

Every field is optional for the API server, and no defaults are written into your object. What has to be there is checked by
Weir, which says in one message everything that is wrong: the field, the value and the rule.

Nonces that ask for a snapshot make a [FlinkStateSnapshot](flinkstatesnapshot.md); with
\`kubernetes.operator.snapshot.resource.enabled: false\` the snapshot is kept in the status. How an upgrade
keeps state: [decision 0007](../decisions/0007-state-is-settled-before-teardown.md).
`;

const RULES = `## What is refused

| about | rule |
| --- | --- |
| \`metadata.name\` | at most ${MAX_FLINK_CLUSTER_ID} characters: lower-case letters, digits and \`-\`, starting with a letter, not ending with \`-\` (it is the Flink cluster id) |
| \`serviceAccount\`, \`flinkVersion\` | must be there; \`v1_13\` and \`v1_14\` are known but not supported, up to \`v1_18\` there is a warning |
| \`flinkConfiguration\` | not ${FORBIDDEN_OPTIONS.map((key) => `\`${key}\``).join(', ')}, which follow from name and namespace |
| \`job.jarURI\` | must be there, unless \`job.entryClass\` names a class on the image's class path, \`pipeline.jars\` names the jar, or \`mode\` is standalone |
| \`job.parallelism\` | 1 to ${MAX_PARALLELISM}; when absent, \`parallelism.default\` of flinkConfiguration, else 1. Not read when \`taskManager.replicas\` is set |
| \`job.upgradeMode\` | \`savepoint\` and \`last-state\` need \`execution.checkpointing.dir\`, \`savepoint\` needs \`execution.checkpointing.savepoint-dir\` too (before Flink 1.20 \`state.checkpoints.dir\` and \`state.savepoints.dir\`) |
| \`jobManager\`, \`taskManager\` | memory in \`resources\`, \`resource\` or flinkConfiguration; memory and cpu above 0; requests within limits; \`replicas\` at least 1 |
| \`jobManager.replicas\` | more than 1 only with \`high-availability.type\` set |
| \`podTemplate\` | labels, annotations and node selectors are maps of texts; containers, volumes, environment variables have names, no name twice |
| \`ingress.template\` | a host with or without a path |
| \`logConfiguration\` | only \`log4j-console.properties\` and \`logback-console.xml\` |
| whole numbers | at most 2^53 - 1 in size, beyond which JSON would be rounded silently |
| the whole spec | at most ${describeBytes(MAX_SPEC_BYTES)} as JSON (the status repeats it up to twice, and etcd takes 1.5 MiB); at most 64 levels of nesting |
| changes | \`mode\` stays; an application cluster stays one, a session cluster too; a new \`job.savepointRedeployNonce\` needs \`job.initialSavepointPath\` |

## What is warned of

On applying, in \`weir plan\` and in an event, once for each change of the spec. None of it is refused.

| event | about |
| --- | --- |
| \`FieldNotApplied\` | an option of \`flinkConfiguration\` that a field, or what running on Kubernetes takes, wins over with another value; a \`job.parallelism\` that follows from \`taskManager.replicas\`; fields of pod templates that no pod has; an \`ingress\` that the operator is told to keep off |
| \`UnknownOption\` | keys of \`kubernetes.operator.*\` that name no option, or that only the operator's configuration can set; the autoscaler, which there is not yet |
| \`SpecWarning\` | versions of Flink and nonces that are deprecated; no \`image\` anywhere; values with \`#\` or of several lines, which Flink before 2.0 cuts short; folders of state on the pods' own disks, though the job keeps state |
`;

/** docs/reference/flinkdeployment.md: what is refused, then every field of spec and status. */
export function flinkDeploymentReference(): string {
  const spec = fieldTables('spec', jsonSchemaOf(FlinkDeploymentSpec));
  const status = fieldTables('status', jsonSchemaOf(FlinkDeploymentStatus));
  const note = 'Fields marked ⁺ are additions of Weir; all others are those of the Apache Flink Kubernetes Operator.';
  return [HEAD, RULES, spec, `${note}\n`, status].join('\n');
}
