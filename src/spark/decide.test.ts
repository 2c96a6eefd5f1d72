import { describe, expect, it } from 'vitest';
import type { Failure } from '../core/failure.ts';
import { type Condition, findCondition } from '../kube/conditions.ts';
import { decideFailed, type SparkPlan } from './decide.ts';
import { UNSEEN } from './observed.ts';
import type { SparkApplicationStatus } from './schema.ts';
import { situationOf } from './situation.ts';
import {
  actionsOf,
  driver,
  endedDriver,
  type Given,
  NOW,
  plan,
  podOf,
  resourceOf,
  SUBMISSION,
} from './testing/pass.ts';

/** The incumbent stores null where there is no time. */
const NEVER = null as unknown as string;

const stateOf = ({ status }: SparkPlan) => status?.applicationState?.state;
const errorOf = ({ status }: SparkPlan) => status?.applicationState?.errorMessage;
const reasonsOf = ({ events }: SparkPlan) => events.map(({ reason }) => reason);
const condition = ({ status }: SparkPlan, type: string) =>
  findCondition((status?.conditions ?? []) as readonly Condition[], type);

describe('a new application', () => {
  it('is submitted: the submission recorded, then its driver made with Services beside it, and at last what it cannot start without', () => {
    const decided = plan({ state: '' });
    expect(stateOf(decided)).toBe('SUBMITTED');
    expect(decided.status).toMatchObject({
      lastSubmissionAttemptTime: '2026-02-03T04:06:00Z',
      executionAttempts: 1,
      submissionAttempts: 1,
      driverInfo: { podName: 'pi-driver' },
      observedGeneration: 3,
    });
    expect(decided.status?.driverSeen).toBeUndefined();
    const id = decided.status?.submissionID?.replaceAll('-', '');
    expect(decided.status?.sparkApplicationId).toBe(`spark-${id}`);
    const unique = id?.slice(0, 16);
    expect(actionsOf(decided)).toEqual([
      'create Pod pi-driver',
      `apply Service pi-${unique}-driver-svc (beside)`,
      'apply Service pi-ui-svc (beside)',
      `apply ConfigMap spark-drv-${unique}-conf-map`,
    ]);
    expect(condition(decided, 'Reconciling')).toMatchObject({ status: 'True', reason: 'WaitingForDriver' });
  });

  it('fails with every broken rule where its spec cannot be acted on', () => {
    const decided = plan({ state: '', spec: { mode: 'client', driver: { cores: 0 } } });
    expect(stateOf(decided)).toBe('FAILED');
    expect(errorOf(decided)).toBe(
      'spec.mode: "client" is not valid, it must be cluster, since in client mode the driver would run inside the operator; ' +
        'spec.driver.cores: 0 is not valid, it must be a whole number of at least 1',
    );
    expect(decided.actions).toEqual([]);
    expect(condition(decided, 'Stalled')).toMatchObject({ reason: 'ValidationError', message: errorOf(decided) });
    expect(decided.events.map(({ reason, message }) => [reason, message])).toContainEqual([
      'ValidationError',
      errorOf(decided),
    ]);
  });

  it('follows a driver of its own that is there already, though its status was lost', () => {
    const decided = plan({ state: '', observed: { drivers: [driver('Running')] } });
    expect(decided.actions).toEqual([]);
    expect(decided.status).toMatchObject({
      submissionID: SUBMISSION.submissionId,
      sparkApplicationId: SUBMISSION.applicationId,
      driverSeen: SUBMISSION.submissionId,
    });
  });

  it('waits for the driver of another application of its name', () => {
    const decided = plan({ state: '', observed: { namesakes: [driver('Running')] } });
    expect(decided.because).toBe('WaitingForDriverGone');
    expect(decided.actions).toEqual([]);
    expect(stateOf(decided)).toBe('');
  });

  it('is not submitted while it is suspended', () => {
    const decided = plan({ state: '', spec: { suspend: true } });
    expect(stateOf(decided)).toBe('SUSPENDED');
    expect(decided.actions).toEqual([]);
    expect(condition(decided, 'Ready')?.status).toBe('True');
  });
});

describe('fields this version does nothing with', () => {
  it('are named in an event, once per generation', () => {
    const spec = { executor: { memoryLimit: '4g' } };
    const first = plan({ state: '', spec });
    expect(first.events).toContainEqual({
      type: 'Warning',
      reason: 'FieldNotApplied',
      message:
        'spec.executor.memoryLimit: nothing is done with it: the driver makes executors with their request as limit; what they need outside the heap goes into spec.executor.memoryOverhead',
      component: 'Operator',
      dedupe: '3',
      once: true,
    });
    const later = plan({ spec, status: { observedGeneration: 3 }, observed: { drivers: [driver('Running')] } });
    expect(reasonsOf(later)).not.toContain('FieldNotApplied');
    const takenOver = plan({ spec, observed: { drivers: [driver('Running')] } });
    expect(reasonsOf(takenOver)).not.toContain('FieldNotApplied');
  });
});

describe('a submitted application', () => {
  it('has its objects made until its driver was seen', () => {
    expect(actionsOf(plan({ state: 'SUBMITTED', seen: false }))).toContain('create Pod pi-driver');
    const gone = plan({ state: 'SUBMITTED', seen: true });
    expect(actionsOf(gone)).toEqual([]);
    expect(stateOf(gone)).toBe('FAILED');
    expect(errorOf(gone)).toBe('driver pod not found: it was deleted');
    expect(reasonsOf(gone)).toContain('SparkDriverNotFound');
  });

  it('is RUNNING when its driver is', () => {
    const decided = plan({ state: 'SUBMITTED', seen: false, observed: { drivers: [driver('Running')] } });
    expect(stateOf(decided)).toBe('RUNNING');
    expect(decided.status?.driverSeen).toBe(SUBMISSION.submissionId);
    expect(condition(decided, 'Ready')).toMatchObject({ status: 'True', reason: 'DriverRunning' });
    expect(reasonsOf(decided)).toEqual(['SparkDriverRunning']);
  });

  it('says why an executor does not run, though its driver does', () => {
    const message = '0/1 nodes are available: 1 Insufficient cpu.';
    const status = { phase: 'Pending', conditions: [{ type: 'PodScheduled', reason: 'Unschedulable', message }] };
    const told = (metadata: object): string | undefined => {
      const executors = [podOf('executor', 'pi-1-exec-1', status, metadata)];
      const decided = plan({ state: 'RUNNING', observed: { drivers: [driver('Running')], executors } });
      return condition(decided, 'Ready')?.message;
    };
    expect(told({})).toBe(`driver pod pi-driver runs; an executor does not: Unschedulable: ${message}`);
    expect(told({ labels: { 'spark-role': 'executor' } })).toBe('driver pod pi-driver runs');
  });

  it('says what keeps its driver from starting', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }];
    const decided = plan({ state: 'SUBMITTED', observed: { drivers: [driver('Pending', { conditions })] } });
    expect(condition(decided, 'Ready')).toMatchObject({
      reason: 'Unschedulable',
      message: 'driver pod pi-driver: Unschedulable: 0/3 nodes',
    });
  });

  it('fails when the image is still not there after five minutes', () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
    const containerStatuses = [{ name: 'spark-kubernetes-driver', state: { waiting } }];
    const given: Given = { state: 'SUBMITTED', observed: { drivers: [driver('Pending', { containerStatuses })] } };
    expect(plan(given)).toMatchObject({ because: 'ImagePullBackOff', requeueAfterMs: 240_000 });
    const late = plan({ ...given, status: { lastSubmissionAttemptTime: '2026-02-03T04:01:00Z' } });
    expect(stateOf(late)).toBe('FAILED');
    expect(errorOf(late)).toBe(
      'driver did not start: driver pod pi-driver container spark-kubernetes-driver: ImagePullBackOff: no such image',
    );
    expect(actionsOf(late)).toEqual(['delete Pod pi-driver']);
  });

  it.each([
    ['the node it waited for', 'PodScheduled'],
    ['its init containers', 'Initialized'],
  ])('has five minutes from %s on, however long that took', (_what, type) => {
    const waiting = { reason: 'ErrImagePull', message: 'the registry is busy' };
    const containerStatuses = [{ name: 'spark-kubernetes-driver', state: { waiting } }];
    const conditions = [{ type, status: 'True', lastTransitionTime: '2026-02-03T04:05:30Z' }];
    const late = plan({
      state: 'SUBMITTED',
      status: { lastSubmissionAttemptTime: '2026-02-03T03:00:00Z' },
      observed: { drivers: [driver('Pending', { containerStatuses, conditions })] },
    });
    expect(late).toMatchObject({ because: 'ErrImagePull', requeueAfterMs: 270_000 });
    expect(stateOf(late)).toBe('SUBMITTED');
  });

  it('takes nothing away of its own submission, and everything of earlier ones', () => {
    const older = driver('Running', {}, { name: 'old', uid: 'o', labels: { 'spark-role': 'driver' } });
    const decided = plan({ observed: { drivers: [driver('Running'), older] } });
    expect(actionsOf(decided)).toEqual(['delete Pod old']);
  });
});

describe('the end of a run', () => {
  it.each<[string, object, string | undefined]>([
    ['exit code 0', endedDriver({ exitCode: 0, reason: 'Completed' }, 'Succeeded'), undefined],
    ['exit code 0 beside a sidecar that runs on', endedDriver({ exitCode: 0 }, 'Running'), undefined],
    [
      'exit code 1 with the end of the log',
      endedDriver({ exitCode: 1, reason: 'Error', message: 'Exception: no such table\n' }),
      'driver container failed with ExitCode: 1, Reason: Error: Exception: no such table',
    ],
    [
      'exit code 1 with more than a line: why first, since events show no more',
      endedDriver({
        exitCode: 1,
        reason: 'Error',
        message:
          'Files copied\nException in thread "main" java.nio.file.NoSuchFileException: /opt/a.jar\n\tat java.base/sun.nio.fs.UnixException.rethrow(Unknown Source)\nShutdown hook called\n',
      }),
      'driver container failed with ExitCode: 1, Reason: Error: java.nio.file.NoSuchFileException: /opt/a.jar\nFiles copied\nException in thread "main" java.nio.file.NoSuchFileException: /opt/a.jar\nShutdown hook called',
    ],
    [
      'exit code 1 with the end of a long log, from the beginning of a line',
      endedDriver({ exitCode: 1, reason: 'Error', message: `el=1\n${'x'.repeat(99)}\n`.repeat(20) }),
      `driver container failed with ExitCode: 1, Reason: Error: ${'x'.repeat(99)}\n${Array(9)
        .fill(`el=1\n${'x'.repeat(99)}`)
        .join('\n')}`,
    ],
    [
      'OOM',
      endedDriver({ exitCode: 137, reason: 'OOMKilled' }),
      'driver container failed with ExitCode: 137, Reason: OOMKilled',
    ],
    [
      'eviction',
      driver('Failed', { reason: 'Evicted', message: 'The node was low on resource: memory.' }),
      'driver pod failed: Evicted: The node was low on resource: memory.',
    ],
    [
      'preemption',
      driver('Failed', {
        conditions: [{ type: 'DisruptionTarget', reason: 'PreemptionByScheduler', message: 'preempted' }],
      }),
      'driver pod failed: PreemptionByScheduler: preempted',
    ],
    [
      'node lost',
      endedDriver({ exitCode: 143, reason: 'Error' }, 'Failed', {
        conditions: [{ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' }],
      }),
      'driver container failed with ExitCode: 143, Reason: Error; DeletionByTaintManager',
    ],
    [
      'an init container that failed',
      driver('Failed', {
        containerStatuses: [{ name: 'spark-kubernetes-driver', state: { waiting: { reason: 'PodInitializing' } } }],
        initContainerStatuses: [
          { name: 'first', state: { terminated: { exitCode: 0 } } },
          { name: 'fetch', state: { terminated: { exitCode: 3, reason: 'Error', message: 'no such bucket' } } },
        ],
      }),
      'driver pod failed: init container fetch failed with ExitCode: 3, Reason: Error: no such bucket',
    ],
  ])('by %s', (_name, pod, message) => {
    const decided = plan({ observed: { drivers: [pod as never] } });
    expect(stateOf(decided)).toBe(message === undefined ? 'COMPLETED' : 'FAILED');
    expect(errorOf(decided)).toBe(message);
    expect(decided.status?.terminationTime).toBe('2026-02-03T04:06:00Z');
    expect(condition(decided, message === undefined ? 'Ready' : 'Stalled')?.status).toBe('True');
  });

  it('leaves out the frames of stack traces', () => {
    const frames = Array.from({ length: 40 }, (_, line) => `\tat org.apache.spark.Submit$.main(Submit.scala:${line})`);
    const message = ['Exception in thread "main": no such jar', ...frames, '\t... 12 more'].join('\n');
    const decided = plan({ observed: { drivers: [endedDriver({ exitCode: 1, reason: 'Error', message })] } });
    expect(errorOf(decided)).toMatch(/Reason: Error: Exception in thread "main": no such jar$/);
  });

  it.each(['Running', 'Failed'])('keeps a driver that has ended, and its log, in phase %s', (phase) => {
    const drivers = [endedDriver({ exitCode: 1, reason: 'Error' }, phase)];
    expect(actionsOf(plan({ state: 'FAILED', observed: { drivers } }))).toEqual([]);
    expect(actionsOf(plan({ state: 'FAILED', observed: { drivers: [driver('Pending')] } }))).toEqual([
      'delete Pod pi-driver',
    ]);
  });

  const failed = { drivers: [endedDriver({ exitCode: 1, reason: 'Error' })] };
  const onFailure = (onFailureRetries: number, more: object = {}) =>
    ({ restartPolicy: { type: 'OnFailure', onFailureRetries, ...more } }) as const;

  it('is followed by another run as often as spec.restartPolicy says', () => {
    const again = plan({ spec: onFailure(1), observed: failed });
    expect(stateOf(again)).toBe('PENDING_RERUN');
    expect(actionsOf(again)).toEqual(['delete Pod pi-driver']);
    expect(stateOf(plan({ spec: onFailure(1), status: { executionAttempts: 2 }, observed: failed }))).toBe('FAILED');
    expect(stateOf(plan({ spec: onFailure(0), observed: failed }))).toBe('FAILED');
    expect(stateOf(plan({ spec: { restartPolicy: { type: 'Always' } }, observed: failed }))).toBe('PENDING_RERUN');
  });

  it('is followed by another run where its driver was deleted', () => {
    const spec = { restartPolicy: { type: 'Always' } } as const;
    const lost = plan({ state: 'RUNNING', spec });
    expect(stateOf(lost)).toBe('PENDING_RERUN');
    const next = plan({ spec, status: lost.status ?? {} });
    expect(next.status).toMatchObject({ applicationState: { state: 'SUBMITTED' }, executionAttempts: 2 });
    expect(actionsOf(next)).toContain('create Pod pi-driver');
  });

  it('is followed by one with Always too where the spec could not be acted on when it failed', () => {
    const always = { restartPolicy: { type: 'Always' } } as const;
    const refused = plan({ recorded: always, spec: { ...always, mode: 'client' }, observed: failed });
    expect(stateOf(refused)).toBe('FAILED');
    const spec = { state: 'FAILED', observed: failed } as const;
    expect(stateOf(plan({ ...spec, spec: always }))).toBe('PENDING_RERUN');
    expect(stateOf(plan({ ...spec, spec: onFailure(3) }))).toBe('FAILED');
  });

  it('waits the interval times the submissions so far, from the last one on', () => {
    const decided = plan({
      spec: onFailure(3, { onFailureRetryInterval: 50 }),
      status: { submissionAttempts: 2 },
      observed: failed,
    });
    expect(stateOf(decided)).toBe('FAILING');
    expect(decided.requeueAfterMs).toBe(40_000);
    expect(condition(decided, 'Reconciling')?.message).toBe(
      'run 1 failed and is repeated in 40 s: driver container failed with ExitCode: 1, Reason: Error',
    );
  });

  it('is followed by another run after success only with Always', () => {
    const succeeded = { drivers: [endedDriver({ exitCode: 0 }, 'Succeeded')] };
    expect(stateOf(plan({ spec: onFailure(3), observed: succeeded }))).toBe('COMPLETED');
    expect(stateOf(plan({ spec: { restartPolicy: { type: 'Always' } }, observed: succeeded }))).toBe('PENDING_RERUN');
  });

  it('submits again under another id once the driver is gone', () => {
    const waiting = plan({ state: 'PENDING_RERUN', observed: failed });
    expect(stateOf(waiting)).toBe('PENDING_RERUN');
    const decided = plan({ state: 'PENDING_RERUN' });
    expect(decided.status).toMatchObject({ executionAttempts: 2, submissionAttempts: 2 });
    expect(decided.status?.submissionID).not.toBe(SUBMISSION.submissionId);
    expect(actionsOf(decided)).toContain('create Pod pi-driver');
  });

  it('has nothing in its status of the run before once it is submitted', () => {
    const status = { terminationTime: '2026-02-03T04:05:00Z', executorState: { 'pi-1-exec-1': 'FAILED' } } as const;
    const decided = plan({ state: 'PENDING_RERUN', status });
    expect(stateOf(decided)).toBe('SUBMITTED');
    expect(decided.status?.terminationTime).toBeUndefined();
    expect(decided.status?.executorState).toEqual({});
  });
});

describe('a change', () => {
  const running = { drivers: [driver('Running')] };

  it('of what is to run stops the run first, and counts from the start', () => {
    const first = plan({ spec: { arguments: ['new'] }, recorded: {}, observed: running });
    expect(stateOf(first)).toBe('INVALIDATING');
    expect(actionsOf(first)).toEqual(['delete Pod pi-driver']);
    const then = plan({
      state: 'INVALIDATING',
      spec: { arguments: ['new'] },
      recorded: {},
      status: { executionAttempts: 5 },
    });
    expect(then.status).toMatchObject({ executionAttempts: 1, submissionAttempts: 1 });
  });

  it('of suspend or timeToLiveSeconds is no other run', () => {
    const decided = plan({ spec: { timeToLiveSeconds: 600, suspend: false }, recorded: {}, observed: running });
    expect(stateOf(decided)).toBe('RUNNING');
    expect(decided.actions).toEqual([]);
  });

  it('that is refused leaves what runs alone and says so', () => {
    const decided = plan({ spec: { mode: 'client' }, recorded: {}, observed: running });
    expect(stateOf(decided)).toBe('RUNNING');
    expect(decided.actions).toEqual([]);
    expect(condition(decided, 'Stalled')?.reason).toBe('ValidationError');
    const ended = plan({ state: 'COMPLETED', spec: { mode: 'client' }, recorded: {} });
    expect(stateOf(ended)).toBe('COMPLETED');
    expect(condition(ended, 'Stalled')?.reason).toBe('ValidationError');
  });

  it('to suspended stops the run, and back submits again', () => {
    const first = plan({ spec: { suspend: true }, observed: running });
    expect(stateOf(first)).toBe('SUSPENDING');
    expect(actionsOf(first)).toEqual(['delete Pod pi-driver']);
    const then = plan({ state: 'SUSPENDING', spec: { suspend: true } });
    expect(stateOf(then)).toBe('SUSPENDED');
    const back = plan({ state: 'SUSPENDED' });
    expect(stateOf(back)).toBe('SUBMITTED');
    expect(reasonsOf(back)).toContain('SparkApplicationResuming');
    expect(stateOf(plan({ state: 'COMPLETED', spec: { suspend: true } }))).toBe('COMPLETED');
  });

  it('waits for a driver that was recorded a moment ago and is not seen yet', () => {
    const status: SparkApplicationStatus = { lastSubmissionAttemptTime: '2026-02-03T04:05:54Z' };
    const decided = plan({ state: 'SUBMITTED', seen: false, spec: { suspend: true }, status });
    expect(stateOf(decided)).toBe('SUSPENDING');
    expect(decided.requeueAfterMs).toBe(4000);
  });
});

describe('an application that has ended', () => {
  it('is deleted when its time to live is over', () => {
    const ended = { terminationTime: '2026-02-03T04:05:30Z' };
    const early = plan({ state: 'COMPLETED', spec: { timeToLiveSeconds: 60 }, status: ended });
    expect(early.requeueAfterMs).toBe(30_000);
    expect(early.actions).toEqual([]);
    const late = plan({ state: 'COMPLETED', spec: { timeToLiveSeconds: 30 }, status: ended });
    expect(actionsOf(late)).toEqual(['delete SparkApplication pi']);
    expect(late.status).toBeUndefined();
    const never = plan({ state: 'FAILED', spec: { timeToLiveSeconds: 60 }, status: { terminationTime: NEVER } });
    expect(actionsOf(never)).toEqual(['delete SparkApplication pi']);
  });

  it('takes its driver along when somebody keeps the resource from going', () => {
    const decided = plan({ deleting: true, observed: { drivers: [driver('Running')] } });
    expect(actionsOf(decided)).toEqual(['delete Pod pi-driver']);
    expect(decided.status).toBeUndefined();
  });
});

describe('a submission the API server refuses', () => {
  const refusal: Failure = { kind: 'stalled', reason: 'Forbidden', message: 'service account "spark" not found' };
  const failed = (given: Given, failure: Failure = refusal) =>
    decideFailed(situationOf(resourceOf({ state: 'SUBMITTED', seen: false, ...given }), UNSEEN, NOW), failure);

  it('is a failed submission, not a run', () => {
    const decided = failed({});
    expect(decided?.status).toMatchObject({
      applicationState: { state: 'SUBMISSION_FAILED', errorMessage: 'service account "spark" not found' },
      executionAttempts: 0,
      submissionAttempts: 1,
    });
    expect(decided?.events.map(({ reason }) => reason)).toEqual(['SparkApplicationSubmissionFailed']);
  });

  it('says what to do about a service account that is missing', () => {
    const message =
      'create Pod a/pi-driver: pods "pi-driver" is forbidden: error looking up service account a/spark: serviceaccount "spark" not found (HTTP 403 Forbidden)';
    const told = failed({}, { ...refusal, message })?.status?.applicationState;
    expect(told).toMatchObject({
      errorMessage: `${message}; make it in that namespace (docs/watch-scope.md), or name another one in spec.driver.serviceAccount`,
    });
  });

  it('is tried again as spec.restartPolicy says, else the application has failed', () => {
    const status = { applicationState: { state: 'SUBMISSION_FAILED', errorMessage: 'no' } };
    expect(stateOf(plan({ state: 'SUBMISSION_FAILED', seen: false, status }))).toBe('FAILED');
    const restartPolicy = {
      type: 'OnFailure',
      onSubmissionFailureRetries: 1,
      onSubmissionFailureRetryInterval: 100,
    } as const;
    const waiting = plan({ state: 'SUBMISSION_FAILED', seen: false, status, spec: { restartPolicy } });
    expect(waiting.requeueAfterMs).toBe(40_000);
    const due = { ...restartPolicy, onSubmissionFailureRetryInterval: 1 };
    expect(stateOf(plan({ state: 'SUBMISSION_FAILED', seen: false, status, spec: { restartPolicy: due } }))).toBe(
      'SUBMITTED',
    );
  });

  it('is only told of where a driver was seen, or where it may pass', () => {
    expect(failed({ seen: true })?.status?.applicationState?.state).toBe('SUBMITTED');
    const quota: Failure = { kind: 'waiting', reason: 'QuotaExceeded', message: 'pods', retryAfterMs: 1 };
    const decided = failed({}, quota);
    expect(decided?.status?.applicationState?.state).toBe('SUBMITTED');
    expect(decided?.status?.conditions).toContainEqual(expect.objectContaining({ reason: 'QuotaExceeded' }));
    expect(failed({}, { kind: 'conflict', message: 'x' })).toBeUndefined();
  });
});

describe('an application the incumbent left', () => {
  const left = (state: string, more: SparkApplicationStatus = {}): Given => ({
    state: state as never,
    status: { submittedSpec: undefined as never, driverSeen: undefined as never, terminationTime: NEVER, ...more },
  });

  it.each([
    ['SUBMITTED', [driver('Pending')], 'SUBMITTED'],
    ['SUBMITTED', [], 'FAILED'],
    ['RUNNING', [driver('Running')], 'RUNNING'],
    ['RUNNING', [], 'FAILED'],
    ['UNKNOWN', [driver('Running')], 'RUNNING'],
    ['SUCCEEDING', [endedDriver({ exitCode: 0 }, 'Succeeded')], 'COMPLETED'],
    ['FAILING', [endedDriver({ exitCode: 1 })], 'FAILED'],
    ['COMPLETED', [], 'COMPLETED'],
    ['FAILED', [], 'FAILED'],
    ['SUSPENDED', [], 'SUBMITTED'],
    ['RESUMING', [], 'SUBMITTED'],
    ['PENDING_RERUN', [driver('Failed')], 'PENDING_RERUN'],
    ['INVALIDATING', [driver('Running')], 'INVALIDATING'],
  ])('in %s goes on from there', (state, drivers, next) => {
    const decided = plan({ ...left(state), observed: { drivers } });
    expect(stateOf(decided)).toBe(next);
    expect(actionsOf(decided).some((action) => action.startsWith('create'))).toBe(
      next === 'SUBMITTED' && drivers.length === 0,
    );
    expect(decided.status?.submittedSpec).toMatch(/^[0-9a-f]{16}$/);
  });

  // It writes the status after the submission, and submits again where that write fails.
  it.each([
    ['PENDING_RERUN', ''],
    ['RESUMING', ''],
    ['SUBMISSION_FAILED', 'another'],
  ])(
    'in %s has a driver that its status does not tell of: it is followed, not started again',
    (state, submissionID) => {
      const counted = { submissionID, executionAttempts: 1, submissionAttempts: 2 };
      const spec = {
        restartPolicy: { type: 'OnFailure', onSubmissionFailureRetries: 5, onFailureRetries: 5 },
      } as const;
      const decided = plan({ ...left(state, counted), spec, observed: { drivers: [driver('Running')] } });
      expect(actionsOf(decided)).toEqual([]);
      expect(decided.status).toMatchObject({
        applicationState: { state: 'SUBMITTED' },
        submissionID: SUBMISSION.submissionId,
        driverSeen: SUBMISSION.submissionId,
        executionAttempts: 2,
        submissionAttempts: 3,
      });
      const going = { ...driver('Running'), metadata: { ...driver('Running').metadata, deletionTimestamp: 'now' } };
      expect(stateOf(plan({ ...left(state, counted), spec, observed: { drivers: [going] } }))).not.toBe('SUBMITTED');
      const own = plan({ state: 'PENDING_RERUN', status: counted, observed: { drivers: [driver('Running')] } });
      expect(actionsOf(own)).toEqual(['delete Pod pi-driver']);
    },
  );
});

describe('executors', () => {
  it('are counted, and named as far as a status has room', () => {
    const executors = Array.from({ length: 250 }, (_, index) =>
      podOf('executor', `pi-1-exec-${index + 1}`, {
        phase: index < 3 ? 'Running' : index < 6 ? 'Failed' : 'Succeeded',
      }),
    );
    const decided = plan({ observed: { drivers: [driver('Running')], executors } });
    expect(decided.status?.executors).toEqual({ pending: 0, running: 3, completed: 244, failed: 3 });
    const named = Object.entries(decided.status?.executorState ?? {});
    expect(named).toHaveLength(100);
    expect(named.filter(([, state]) => state === 'RUNNING')).toHaveLength(3);
    expect(reasonsOf(decided).filter((reason) => reason === 'SparkExecutorFailed')).toHaveLength(3);
  });

  it.each([
    [{ exitCode: 143, reason: 'Error' }, 'COMPLETED', 0],
    [{ exitCode: 137, reason: 'Error', finishedAt: '2026-02-03T04:06:26Z' }, 'COMPLETED', 0],
    [{ exitCode: 137, reason: 'Error', finishedAt: '2026-02-03T04:05:55Z' }, 'FAILED', 1],
    [{ exitCode: 137, reason: 'OOMKilled' }, 'FAILED', 1],
    [{ exitCode: 52, reason: 'Error' }, 'FAILED', 1],
  ])('that end with %j while they are deleted', (terminated, state, events) => {
    const containerStatuses = [{ name: 'spark-kubernetes-executor', state: { terminated } }];
    const pod = podOf(
      'executor',
      'pi-1-exec-1',
      { phase: 'Failed', containerStatuses },
      { deletionTimestamp: '2026-02-03T04:06:25Z' },
    );
    const drivers = [endedDriver({ exitCode: 0 }, 'Succeeded')];
    const decided = plan({
      status: { executorState: { 'pi-1-exec-1': 'RUNNING' } },
      observed: { drivers, executors: [pod] },
    });
    expect(decided.status?.executorState).toEqual({ 'pi-1-exec-1': state });
    expect(reasonsOf(decided).filter((reason) => reason === 'SparkExecutorFailed')).toHaveLength(events);
  });

  it.each([
    [{ phase: 'Failed' }, ''],
    [
      {
        phase: 'Failed',
        containerStatuses: [
          { name: 'side', state: { running: {} } },
          { name: 'spark-kubernetes-executor', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
        ],
      },
      ': ExitCode: 137, Reason: OOMKilled',
    ],
    [
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
      ': Evicted: The node was low on memory.',
    ],
  ])('that fail with %j are told of with what is known', (status, why) => {
    const executors = [podOf('executor', 'pi-1-exec-1', status)];
    const { events } = plan({ observed: { drivers: [driver('Running')], executors } });
    expect(events.find(({ reason }) => reason === 'SparkExecutorFailed')?.message).toBe(
      `Executor pi-1-exec-1 failed${why}`,
    );
  });

  it('whose pods are gone stay named until the run is over', () => {
    const status = { executorState: { 'pi-1-exec-1': 'RUNNING', 'pi-1-exec-2': 'COMPLETED' } };
    const alive = plan({ status, observed: { drivers: [driver('Running')] } });
    expect(alive.status?.executorState).toEqual({ 'pi-1-exec-1': 'UNKNOWN', 'pi-1-exec-2': 'COMPLETED' });
    const over = plan({ status, observed: { drivers: [endedDriver({ exitCode: 0 }, 'Succeeded')] } });
    expect(over.status?.executorState).toEqual({ 'pi-1-exec-1': 'COMPLETED', 'pi-1-exec-2': 'COMPLETED' });
  });
});
