import { describe, expect, it } from 'vitest';
import { describeRestoreFailure, restoreFailureIn } from './restore-failure.ts';

const OPERATOR = '4bf7c1955ffe56e2106d666433eaf137';

/** A trace as Flink prints it around a failure of a job's initialization. */
function initializing(cause: string): string {
  return [
    'org.apache.flink.runtime.client.JobInitializationException: Could not start the JobMaster.',
    '\tat org.apache.flink.runtime.jobmaster.DefaultJobMasterServiceProcess.lambda$new$0(DefaultJobMasterServiceProcess.java:97)',
    `Caused by: java.util.concurrent.CompletionException: java.lang.RuntimeException: ${cause}`,
    '\t... 4 more',
    `Caused by: ${cause}`,
    '\tat org.apache.flink.runtime.checkpoint.Whatever.restore(Whatever.java:1)',
  ].join('\n');
}

describe('a restore failure', () => {
  it.each([
    [
      'state of an operator that is gone, at a path',
      `java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint s3://b/sp.1/savepoint-1. Cannot map checkpoint/savepoint state for operator ${OPERATOR} to the new program, because the operator is not available in the new program.`,
      { kind: 'unmapped-state', operators: [OPERATOR], path: 's3://b/sp.1/savepoint-1' },
    ],
    [
      'the same in high-availability data',
      `java.lang.IllegalStateException: There is no operator for the state ${OPERATOR}`,
      { kind: 'unmapped-state', operators: [OPERATOR] },
    ],
    [
      'another maximum parallelism',
      `java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint x. Max parallelism mismatch between checkpoint/savepoint state and new program. Cannot map operator ${OPERATOR} with max parallelism 128 to new program with max parallelism 64.`,
      { kind: 'incompatible-state', operators: [OPERATOR] },
    ],
    [
      'nothing at the path',
      "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory 's3://b/gone' on file system 's3'.",
      { kind: 'missing-state', operators: [], path: 's3://b/gone' },
    ],
    [
      'a folder without metadata',
      "java.io.FileNotFoundException: Cannot find meta data file '_metadata' in directory 's3://b/half'. Please try to load it directly.",
      { kind: 'missing-state', operators: [], path: 's3://b/half' },
    ],
    [
      'another serializer',
      'org.apache.flink.util.StateMigrationException: The new state serializer (A@1) must not be incompatible with the old state serializer (A@2).',
      { kind: 'incompatible-state', operators: [] },
    ],
  ])('is recognised: %s', (_name, cause, found) => {
    expect(restoreFailureIn(initializing(cause))).toEqual({ ...found, cause });
  });

  it('is recognised by files of the state that are gone, and by nothing that may come back', () => {
    const task = (cause: string) =>
      `java.lang.Exception: Exception while creating StreamOperatorStateContext.\nCaused by: org.apache.flink.util.FlinkException: Could not restore keyed state backend for Map_1 from any of the 1 provided restore options.\nCaused by: ${cause}`;
    const gone = 'java.io.FileNotFoundException: s3://b/chk-7/0a (No such file or directory)';
    expect(restoreFailureIn(task(gone))).toMatchObject({ kind: 'missing-state', path: 's3://b/chk-7/0a', cause: gone });
    expect(restoreFailureIn(task('java.net.ConnectException: Connection refused'))).toBeUndefined();
    expect(restoreFailureIn(`java.lang.RuntimeException: user code\nCaused by: ${gone}`)).toBeUndefined();
    expect(restoreFailureIn('')).toBeUndefined();
  });

  it('is told with what is wrong and the ways out', () => {
    const told = describeRestoreFailure(
      { kind: 'unmapped-state', operators: [OPERATOR], cause: 'x' },
      'from s3://b/chk-7',
    );
    expect(told).toContain(`cannot be restored from s3://b/chk-7: it holds state of operator ${OPERATOR}`);
    for (const way of ['spec.job.allowNonRestoredState', 'savepointRedeployNonce', 'weir.dev/stateless-once']) {
      expect(told).toContain(way);
    }
  });
});
