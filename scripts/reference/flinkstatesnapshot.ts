import { FLINK_API_VERSION } from '../../src/flink/schema.ts';
import { FlinkStateSnapshotSpec, FlinkStateSnapshotStatus } from '../../src/flink/snapshot/schema.ts';
import { jsonSchemaOf } from '../../src/kube/structural-schema.ts';
import { fieldTables } from './fields.ts';

const HEAD = `# FlinkStateSnapshot

\`apiVersion: ${FLINK_API_VERSION}\`, \`kind: FlinkStateSnapshot\`, short name \`flinksnp\`. This page is generated from the schema
in src/flink/snapshot; \`kubectl explain flinkstatesnapshot.spec\` says the same.

A resource takes one savepoint or one checkpoint of a job, once, and says where it is. Deleting the resource deletes the savepoint
too, unless \`savepoint.disposeOnDelete\` is false; a checkpoint belongs to its job and stays.

\`\`\`yaml
apiVersion: ${FLINK_API_VERSION}
kind: FlinkStateSnapshot
metadata:
  name: orders-before-the-migration
spec:
  jobReference:
    kind: FlinkDeployment
    name: orders
  savepoint: {}
\`\`\`
`;

const STATES = `## States

| \`status.state\` | is | goes on |
| --- | --- | --- |
| \`TRIGGER_PENDING\` | the job does not run yet, the spec cannot be acted on, or an attempt failed and waits for the next | by itself; the conditions say what it waits for |
| \`IN_PROGRESS\` | Flink was asked. The id of the attempt is recorded before Flink is asked, so that a crash asks for the same one again | when Flink has an answer |
| \`COMPLETED\` | it is at \`status.path\` | final |
| \`FAILED\` | \`spec.backoffLimit\` is reached. Attempts are repeated after 10 s, 20 s, 40 s and so on, at most 10 min | final |
| \`ABANDONED\` | the job ended, was suspended or started anew without this snapshot | final |

A JobManager that was restarted does not know what it was asked before. Weir then looks for a savepoint of that time in the job's
history and asks for the same attempt again only if there is none.

## What is refused

| about | rule |
| --- | --- |
| \`savepoint\`, \`checkpoint\` | exactly one of them |
| \`jobReference\` | kind and name, unless \`savepoint.alreadyExists\` is true |
| \`savepoint.path\` | must be there with \`alreadyExists\`; else it, or \`execution.checkpointing.savepoint-dir\` of the job |
| \`checkpoint\` | Flink 1.17 and newer |

Warned of, on applying, in \`weir plan\` and in the event \`FieldNotApplied\`: beside \`savepoint.alreadyExists\` a \`backoffLimit\`, and a
\`savepoint.disposeOnDelete\` without a \`jobReference\`, since only the JobManager of that job can delete the savepoint.

## Deletion

The savepoint is deleted by the JobManager of the job, so the job must run; while it does not, the resource stays and its
conditions say so. A savepoint is never deleted while a FlinkDeployment or FlinkSessionJob of the namespace needs it: as
\`spec.job.initialSavepointPath\`, as the state its next start goes on from (\`status.jobStatus.upgradeSavepointPath\`), or as the
state its current run started from (\`status.restore.path\`). Setting \`savepoint.disposeOnDelete\` to false lets the resource go at once
and keeps the files. When the job's resource is gone too, the files are left where they are and an event says so.
`;

/** docs/reference/flinkstatesnapshot.md: states, rules, then every field of spec and status. */
export function flinkStateSnapshotReference(): string {
  const spec = fieldTables('spec', jsonSchemaOf(FlinkStateSnapshotSpec));
  const status = fieldTables('status', jsonSchemaOf(FlinkStateSnapshotStatus));
  const note = 'Fields marked ⁺ are additions of Weir; all others are those of the Apache Flink Kubernetes Operator.';
  return [HEAD, STATES, spec, `${note}\n`, status].join('\n');
}
