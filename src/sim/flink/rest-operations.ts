import type { ProcessAnswer } from '../process.ts';
import type { SnapshotResult } from './checkpoints.ts';
import { accessDenied, disposalFailure, type Failure, jobNotFound, noSnapshotAt } from './failures.ts';
import type { JobMaster } from './job-master.ts';
import { type Operation, Operations } from './operations.ts';
import { type Call, ok, type RestParts, refused } from './rest-call.ts';
import type { Snapshot } from './truth.ts';
import { failureCause } from './views.ts';

/** What is asked for in one call and polled in others: savepoints, checkpoints, disposals. */
export class RestOperations {
  private readonly parts: RestParts;
  private readonly snapshots = new Operations<Snapshot>();
  private readonly checkpointTriggers = new Operations<Snapshot>();
  private readonly disposals = new Operations<undefined>();

  constructor(parts: RestParts) {
    this.parts = parts;
  }

  triggerCheckpoint({ id, body }: Call): ProcessAnswer {
    const triggerId = this.triggerId(body);
    const now = this.parts.now();
    this.checkpointTriggers.begin(`${id} ${triggerId}`, now, (done) => {
      const job = this.liveJob(id);
      if (job === undefined) done({ status: 'COMPLETED', failure: jobNotFound(id) }, now);
      else {
        const folder = job.graph.checkpointing.folder;
        job.coordinator.trigger({ kind: 'checkpoint', cause: 'rest', folder, triggerId }, (result) =>
          done(outcome(result), this.parts.now()),
        );
      }
    });
    return { status: 202, body: { 'request-id': triggerId } };
  }

  checkpointTrigger({ id, sub }: Call): ProcessAnswer {
    const operation = this.checkpointTriggers.get(`${id} ${sub}`, this.parts.now());
    if (operation === undefined)
      return refused(404, `There is no checkpoint operation with triggerId=${sub} for job ${id}.`);
    return ok(
      operationBody(
        operation,
        (snapshot) => ({ checkpointId: snapshot.checkpointId }),
        (cause) => ({ failureCause: failureCause(cause) }),
      ),
    );
  }

  triggerSavepoint({ id, body }: Call): ProcessAnswer {
    return this.savepoint({ id, given: body['target-directory'], body }, (job, request, done) => {
      if (body['cancel-job'] === true) job.stopWithSavepoint(request, done);
      else job.coordinator.trigger({ kind: 'savepoint', cause: 'rest', ...request }, done);
    });
  }

  stop({ id, body }: Call): ProcessAnswer {
    return this.savepoint({ id, given: body.targetDirectory, body }, (job, request, done) => {
      job.stopWithSavepoint(request, done);
    });
  }

  /** Accepts at once; what is wrong with the job shows in the operation. */
  private savepoint(
    { id, given, body }: { readonly id: string; readonly given: unknown; readonly body: Call['body'] },
    begin: (
      job: JobMaster,
      request: { readonly folder: string; readonly triggerId: string },
      done: (result: SnapshotResult) => void,
    ) => void,
  ): ProcessAnswer {
    const job = this.liveJob(id);
    const folder = typeof given === 'string' ? given : job?.graph.checkpointing.savepointFolder;
    if (folder === undefined) {
      const key = 'execution.checkpointing.savepoint-dir';
      return refused(400, `Config key [${key}] is not set. Property [target-directory] must be provided.`);
    }
    const triggerId = this.triggerId(body);
    const now = this.parts.now();
    this.snapshots.begin(`${id} ${triggerId}`, now, (done) => {
      if (job === undefined) done({ status: 'COMPLETED', failure: jobNotFound(id) }, now);
      else
        begin(job, { folder: folder.replace(/\/+$/, ''), triggerId }, (result) =>
          done(outcome(result), this.parts.now()),
        );
    });
    return { status: 202, body: { 'request-id': triggerId } };
  }

  savepointTrigger({ id, sub }: Call): ProcessAnswer {
    const operation = this.snapshots.get(`${id} ${sub}`, this.parts.now());
    if (operation === undefined)
      return refused(404, `There is no savepoint operation with triggerId=${sub} for job ${id}.`);
    return ok(
      operationBody(
        operation,
        (snapshot) => ({ location: snapshot.path }),
        (cause) => ({ 'failure-cause': failureCause(cause) }),
      ),
    );
  }

  dispose({ body }: Call): ProcessAnswer {
    const path = typeof body['savepoint-path'] === 'string' ? body['savepoint-path'] : '';
    const triggerId = this.triggerId(body);
    const now = this.parts.now();
    const { world } = this.parts;
    const { store } = world;
    this.disposals.begin(triggerId, now, (done) => {
      const snapshot = store.at(path);
      if (snapshot === undefined) {
        done({ status: 'COMPLETED', failure: disposalFailure(path, noSnapshotAt(path)) }, now);
        return;
      }
      if (!world.mayDelete()) {
        done({ status: 'COMPLETED', failure: disposalFailure(path, accessDenied(path)) }, now);
        return;
      }
      store.discard(snapshot, now, 'disposal');
      done({ status: 'COMPLETED', result: undefined }, now);
    });
    return ok({ 'request-id': triggerId });
  }

  disposal({ id }: Call): ProcessAnswer {
    const operation = this.disposals.get(id, this.parts.now());
    if (operation === undefined) return refused(404, `Operation not found under key: ${id}`);
    return ok(
      operationBody(
        operation,
        () => ({}),
        (cause) => ({ 'failure-cause': failureCause(cause) }),
      ),
    );
  }

  /** A job that is over has no JobMaster any more. */
  private liveJob(id: string): JobMaster | undefined {
    const job = this.parts.jobs.get(id);
    return job?.over === true ? undefined : job;
  }

  private triggerId(body: Call['body']): string {
    return typeof body.triggerId === 'string' ? body.triggerId : this.parts.world.hex(32);
  }
}

function outcome(result: SnapshotResult): Exclude<Operation<Snapshot>, { status: 'IN_PROGRESS' }> {
  return result.ok
    ? { status: 'COMPLETED', result: result.snapshot }
    : { status: 'COMPLETED', failure: result.failure };
}

function operationBody<T>(
  operation: Operation<T>,
  result: (value: T) => object,
  failed: (cause: Failure) => object,
): object {
  if (operation.status === 'IN_PROGRESS') return { status: { id: 'IN_PROGRESS' }, operation: null };
  const body = 'failure' in operation ? failed(operation.failure) : result(operation.result);
  return { status: { id: 'COMPLETED' }, operation: body };
}
