import { FLINK_API_VERSION } from '../../src/flink/schema.ts';
import { FlinkSessionJobSpec, FlinkSessionJobStatus } from '../../src/flink/session-job/schema.ts';
import { MAX_PARALLELISM } from '../../src/flink/validate.ts';
import { jsonSchemaOf } from '../../src/kube/structural-schema.ts';
import { fieldTables } from './fields.ts';

const HEAD = `# FlinkSessionJob

\`apiVersion: ${FLINK_API_VERSION}\`, \`kind: FlinkSessionJob\`, short name \`sessionjob\`. This page is generated from the schema in
src/flink/session-job; \`kubectl explain flinksessionjob.spec\` says the same.

One job on a session cluster, which is a [FlinkDeployment](flinkdeployment.md) without \`spec.job\` in the same namespace. Any
number of jobs can share a session.

## Where the code comes from

| \`job.jarURI\` | what happens |
| --- | --- |
| \`https://…\` | the operator fetches the jar, uploads it to the session, submits the job and deletes the jar there; \`http\` too where \`kubernetes.operator.user.artifacts.allowed-schemes\` has it |
| \`s3://bucket/key.jar\`, \`s3a://…\`, \`s3p://…\` | likewise, read from S3 with the operator's own credentials ([below](#jars-in-s3)) |
| \`local:///opt/flink/usrlib/job.jar\` | a path in the image of the session, on JobManager and TaskManagers; nothing is uploaded. Needs \`job.entryClass\`, and Flink 1.20 or newer ([decision 0008](../decisions/0008-jars-of-session-jobs.md)) |
| absent | \`job.entryClass\` names a class on the class path of the session, such as in a jar in \`/opt/flink/lib\` |

A jar is fetched by https from public addresses only, unless the operator's configuration sets
\`kubernetes.operator.user.artifacts.disallow-restricted-hosts\` to \`false\`: what a name resolves to is judged for the very
connection that is made, redirects (at most 5) included. Headers of \`kubernetes.operator.user.artifacts.http.header\` go to the
first origin only. A jar has at most 1 GiB. In an upgrade it is fetched before the running job is stopped.
One that cannot be had is asked for again after some seconds, then after longer and longer, at the latest after ten minutes; an edit of the job is not
kept waiting.

## Jars in S3

Manifests that name \`s3://\` for the Flink Kubernetes Operator with its S3 plug-in need no change; the operator needs credentials and, unless it
is AWS's, the place of the store. These come from the first that has them:

| what | where it is looked for, in this order |
| --- | --- |
| credentials | \`s3.access-key\` and \`s3.secret-key\` in the operator's configuration; in its environment \`AWS_ACCESS_KEY_ID\` and \`AWS_SECRET_ACCESS_KEY\` (with \`AWS_SESSION_TOKEN\`); IRSA (\`AWS_ROLE_ARN\`, \`AWS_WEB_IDENTITY_TOKEN_FILE\`); EKS Pod Identity (\`AWS_CONTAINER_CREDENTIALS_FULL_URI\`). They are renewed before they end |
| place | \`s3.endpoint\` in the operator's configuration, \`AWS_ENDPOINT_URL_S3\` or \`AWS_ENDPOINT_URL\` in its environment, else AWS. \`s3.path.style.access: true\` keeps the bucket out of the host name, as MinIO wants it |
| region | \`s3.region\` or \`s3.endpoint.region\`, the one in \`s3.endpoint\`, \`AWS_REGION\`, \`AWS_DEFAULT_REGION\`, else us-east-1; a bucket in another region is read there |

Keys in the operator's configuration are in that of every job too, as all its defaults are; from a Secret that the chart's \`operatorPod.envFrom\` names they come to no job. The options are read below \`s3a.\`, \`fs.s3a.\` and \`presto.s3.\` too, from the operator's configuration and nowhere else: a resource's \`flinkConfiguration\` and
defaults by namespace cannot change where the operator goes. That place may have a private address. Redirects are not followed but to another region. The authority of a store
with a certificate of its own is named to Node by \`NODE_EXTRA_CA_CERTS\`.

Without credentials nothing is read from S3, and the message says what to set; what everyone may read has an https URL. **With credentials, whoever may
write a FlinkSessionJob may run any jar that these can read.** Give the operator \`s3:GetObject\` on folders with jars and nothing else. Narrower, and also by namespace:

\`\`\`yaml
kubernetes.operator.user.artifacts.s3.allowed-prefixes: s3://shared/jars
kubernetes.operator.default-configuration.namespace.shop.kubernetes.operator.user.artifacts.s3.allowed-prefixes: s3://shared/jars;s3://shop-jars
\`\`\`

\`kubernetes.operator.user.artifacts.allowed-schemes: https\` switches S3 off. The key is taken as it is written, as Flink does: \`%20\` is three characters of it.
Seen in a cluster with a store of its own, credentials from a Secret and one bucket allowed: \`npm run e2e -- session-s3-jar\`.
Why it is so: [decision 0019](../decisions/0019-jars-in-s3.md).

## How state is kept

| \`job.upgradeMode\` | the job is ended by | and goes on from |
| --- | --- | --- |
| \`stateless\` | cancelling it | nothing |
| \`savepoint\` | stop with savepoint; where it does not run, as \`last-state\` unless \`kubernetes.operator.job.upgrade.last-state-fallback.enabled\` is \`false\` | that savepoint |
| \`last-state\` | cancelling it | its newest retained checkpoint or savepoint |

Every submission has a job id of its own, recorded in \`status.jobStatus.jobId\` before the session is asked, so that no crash of
the operator runs a job twice. A job that its session has lost (its JobManager was started anew without high availability) is
submitted again if it is \`stateless\`; of one that has state, the condition \`Stalled\` asks what to start from.

Deleting the resource cancels the job, or stops it with a savepoint where
\`kubernetes.operator.job.savepoint-on-deletion\` is \`true\`, and waits for its end.
`;

const RULES = `## What is refused

| about | rule |
| --- | --- |
| \`deploymentName\` | must be there and stay; an application cluster (\`spec.job\` set) is refused. A session that is not there or not ready is waited for |
| \`job\` | must be there |
| \`job.jarURI\` | as above; \`file:\` (a path of the operator's own) and other schemes (\`gs:\`, \`abfs:\`, \`hdfs:\`, …) are refused with what to name in their place, and so are addresses that are not public and places in S3 that the operator's configuration leaves out |
| \`job.parallelism\` | 1 to ${MAX_PARALLELISM} |
| \`job.upgradeMode\` | \`savepoint\` and \`last-state\` need \`execution.checkpointing.dir\`, \`savepoint\` needs \`execution.checkpointing.savepoint-dir\` too (before Flink 1.20 \`state.checkpoints.dir\` and \`state.savepoints.dir\`), of the session or the job |
| \`flinkConfiguration\` | nothing that decides which cluster it is |

## What is warned of

On applying, in \`weir plan\` and in an event, once for each change of the spec. What depends on the session is told where that is there.

| event | about |
| --- | --- |
| \`FieldNotApplied\` | options that only the session can have (pods, memory, slots, high availability, what the operator does with a cluster); \`parallelism.default\` beside another \`job.parallelism\`; options of a job on a session before Flink 1.17, which does not read them |
| \`UnknownOption\` | keys of \`kubernetes.operator.*\` that name no option, or that only the operator's configuration can set; the autoscaler, which there is not yet |
| \`SpecWarning\` | nonces that are deprecated; folders of state on the own disks of the session's pods, though the job keeps state |
`;

/** docs/reference/flinksessionjob.md: what happens, what is refused, then every field of spec and status. */
export function flinkSessionJobReference(): string {
  const spec = fieldTables('spec', jsonSchemaOf(FlinkSessionJobSpec));
  const status = fieldTables('status', jsonSchemaOf(FlinkSessionJobStatus));
  const note = 'Fields marked ⁺ are additions of Weir; all others are those of the Apache Flink Kubernetes Operator.';
  return [HEAD, RULES, spec, `${note}\n`, status].join('\n');
}
