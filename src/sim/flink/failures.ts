import { operatorId } from './code.ts';
import type { Snapshot } from './truth.ts';

/** A Throwable: its class and its stack trace as Flink prints it. */
export interface Failure {
  readonly name: string;
  readonly trace: string;
}

/** A failure with a few frames, so that readers meet what they meet in a real trace. */
export function failure(name: string, message: string, frame: string, cause?: Failure): Failure {
  const own = `${name}: ${message}\n\tat org.apache.flink.runtime.${frame}\n\tat java.base/java.lang.Thread.run(Unknown Source)`;
  return { name, trace: cause === undefined ? `${own}\n` : `${own}\nCaused by: ${cause.trace}` };
}

/** The JobMaster could not be started (DefaultJobMasterServiceProcess). */
export function initializationFailure(cause: Failure): Failure {
  const frame = 'jobmaster.DefaultJobMasterServiceProcess.lambda$new$0(DefaultJobMasterServiceProcess.java:97)';
  const completion = failure(
    'java.util.concurrent.CompletionException',
    firstLine(cause),
    'concurrent.Futures.java',
    cause,
  );
  return failure(
    'org.apache.flink.runtime.client.JobInitializationException',
    'Could not start the JobMaster.',
    frame,
    completion,
  );
}

/** Nothing is at execution.savepoint.path (AbstractFsCheckpointStorageAccess). */
export function noSnapshotAt(path: string): Failure {
  const scheme = /^([a-z0-9]+):/.exec(path)?.[1] ?? 'file';
  return failure(
    'java.io.FileNotFoundException',
    `Cannot find checkpoint or savepoint file/directory '${path}' on file system '${scheme}'.`,
    'state.filesystem.AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(AbstractFsCheckpointStorageAccess.java:275)',
  );
}

/** The storage refuses (java.nio). */
export function accessDenied(path: string): Failure {
  return failure(
    'java.nio.file.AccessDeniedException',
    path,
    'state.filesystem.FsCheckpointStorageLocation.disposeOnFailure',
  );
}

/** A savepoint could not be disposed of (Dispatcher). */
export function disposalFailure(path: string, cause: Failure): Failure {
  return failure(
    'org.apache.flink.util.FlinkException',
    `Could not dispose savepoint ${path}.`,
    'dispatcher.Dispatcher.lambda$disposeSavepoint$7(Dispatcher.java:900)',
    cause,
  );
}

/** The snapshot at a path holds state of an operator that the code does not have (Checkpoints). */
export function unmappedState(snapshot: Snapshot, uid: string): Failure {
  return failure(
    'java.lang.IllegalStateException',
    `Failed to rollback to checkpoint/savepoint ${snapshot.path}. Cannot map checkpoint/savepoint state for operator ` +
      `${operatorId(uid)} to the new program, because the operator is not available in the new program. If you want to ` +
      'allow to skip this, you can set the --allowNonRestoredState option on the CLI.',
    'checkpoint.Checkpoints.throwNonRestoredStateException(Checkpoints.java:238)',
  );
}

/** The same for a checkpoint of high availability (StateAssignmentOperation): allowNonRestoredState changes nothing. */
export function noOperatorFor(uid: string): Failure {
  return failure(
    'java.lang.IllegalStateException',
    `There is no operator for the state ${operatorId(uid)}`,
    'checkpoint.StateAssignmentOperation.checkStateMappingCompleteness(StateAssignmentOperation.java:769)',
  );
}

/** A task found its state written in another way than it can read. */
export function incompatibleSerializer(): Failure {
  return failure(
    'org.apache.flink.util.StateMigrationException',
    'The new state serializer (dev.weir.Serializer) must not be incompatible with the old state serializer (dev.weir.Serializer).',
    'state.heap.HeapKeyedStateBackend.tryRegisterStateTable(HeapKeyedStateBackend.java:217)',
  );
}

/** A task could not read its state's files. */
export function unreadableState(snapshot: Snapshot): Failure {
  return failure(
    'java.io.FileNotFoundException',
    `${snapshot.path}/_metadata (No such file or directory)`,
    'state.RetrievableStreamStateHandle.openInputStream(RetrievableStreamStateHandle.java:64)',
  );
}

/** A snapshot was given up. */
export function checkpointFailure(reason: string): Failure {
  return failure(
    'org.apache.flink.runtime.checkpoint.CheckpointException',
    reason,
    'checkpoint.CheckpointCoordinator.onTriggerFailure(CheckpointCoordinator.java:1000)',
  );
}

/** Stopped with a savepoint, and failed before it was over. */
export function stoppingFailure(path: string, jobId: string): Failure {
  return failure(
    'org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException',
    `A savepoint has been created at: ${path}, but the corresponding job ${jobId} failed during stopping. The savepoint is ` +
      'consistent, but might have uncommitted transactions. If you want to commit the transaction please restart a job from ' +
      'this savepoint.',
    'scheduler.stopwithsavepoint.StopWithSavepointTerminationHandlerImpl.handleAnyExecutionNotFinished(StopWithSavepointTerminationHandlerImpl.java:190)',
  );
}

/** A request about a job this JobManager does not run. */
export function jobNotFound(jobId: string): Failure {
  return failure(
    'org.apache.flink.runtime.messages.FlinkJobNotFoundException',
    `Could not find Flink job (${jobId})`,
    'dispatcher.Dispatcher.getJobMasterGateway(Dispatcher.java:1545)',
  );
}

/** What Weir's logging leaves of the error that ends a JobManager: the innermost cause first. */
export function lastWords({ trace }: Failure): string {
  const root = trace.split('Caused by: ').at(-1) ?? '';
  return `${root.trimEnd()}\nFatal error occurred in the cluster entrypoint.\n`;
}

/** The first line of a trace. */
export function firstLine({ trace }: Failure): string {
  return trace.split('\n', 1)[0] ?? '';
}
