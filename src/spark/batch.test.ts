import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../core/failure.ts';
import type { DeepPartial } from '../core/testing/merged.ts';
import { type KubeObject, ownerReference } from '../kube/object.ts';
import { SPARK_LABELS, submissionOf } from './conf/submission.ts';
import { createSparkReconciler } from './controller.ts';
import { decideFailed } from './decide.ts';
import { desiredSubmission } from './desired/index.ts';
import { POD_GROUPS } from './desired/pod-group.ts';
import { UNSEEN } from './observed.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { type BatchSettings, DEFAULT_SETTINGS } from './settings.ts';
import { situationOf } from './situation.ts';
import { effectiveConf } from './spark-conf.ts';
import { actionsOf, driver, endedDriver, NOW, plan, resourceOf, SUBMISSION } from './testing/pass.ts';
import { aSparkApplication } from './testing.ts';

type Spec = DeepPartial<SparkApplicationSpec>;

const ON: BatchSettings = { enabled: true, kubeSchedulers: ['gang'], fallback: undefined };

function build(spec: Spec, batch: BatchSettings = ON, name = 'pi') {
  const settings = { ...DEFAULT_SETTINGS, uiService: false, batch };
  const application = aSparkApplication({ spec, metadata: { name } });
  const submission = submissionOf('uid', 1, 0);
  const conf = effectiveConf(application, submission, settings);
  const desired = desiredSubmission(application, conf, submission, settings);
  const property = (key: string): string | undefined => conf.get(key)?.value;
  const pod = desired.driver.spec as { schedulerName?: string };
  return { ...desired, property, schedulerName: pod.schedulerName };
}

function messageOf(decided: ReturnType<typeof plan>): string | undefined {
  return decided.status?.applicationState?.errorMessage;
}

describe('Volcano', () => {
  it('has a PodGroup with what driver and executors need, which both name', () => {
    const {
      around,
      driver: pod,
      property,
      schedulerName,
    } = build({
      batchScheduler: 'volcano',
      batchSchedulerOptions: { queue: 'research', priorityClassName: 'high' },
      driver: { coreRequest: '250m', schedulerName: 'mine' },
    });
    expect(around).toMatchObject([
      {
        apiVersion: 'scheduling.volcano.sh/v1beta1',
        kind: 'PodGroup',
        metadata: { name: 'spark-pi-pg', namespace: 'default', ownerReferences: [{ name: 'pi', controller: true }] },
        // 3 × (512 MiB + 384 MiB)
        spec: {
          minMember: 1,
          minResources: { cpu: '2250m', memory: '2688Mi' },
          queue: 'research',
          priorityClassName: 'high',
        },
      },
    ]);
    expect(schedulerName).toBe('volcano');
    expect(property('spark.kubernetes.executor.scheduler.name')).toBe('volcano');
    expect(pod.metadata.annotations).toEqual({ 'scheduling.k8s.io/group-name': 'spark-pi-pg' });
    expect(property('spark.kubernetes.executor.annotation.scheduling.k8s.io/group-name')).toBe('spark-pi-pg');
  });

  it('needs what the user says where he says it', () => {
    const resources = { cpu: '10', memory: '20Gi' };
    const { around } = build({ batchScheduler: 'volcano', batchSchedulerOptions: { resources } });
    expect(around[0]?.spec).toEqual({ minMember: 1, minResources: resources });
  });

  it('needs at the start of dynamic allocation what it starts with', () => {
    const dynamicAllocation = { enabled: true, initialExecutors: 4, minExecutors: 1, maxExecutors: 9 };
    const { around } = build({ batchScheduler: 'volcano', executor: { instances: undefined }, dynamicAllocation });
    expect(around[0]?.spec).toMatchObject({ minResources: { cpu: '5000m', memory: '4480Mi' } });
  });
});

describe('the coscheduling of scheduler-plugins', () => {
  it('has a PodGroup that pods name by a label', () => {
    const { around, driver: pod, property, schedulerName } = build({ batchScheduler: 'gang' });
    expect(around).toMatchObject([
      { ...POD_GROUPS['scheduler-plugins'], metadata: { name: 'pi-pg' }, spec: { minMember: 1 } },
    ]);
    expect(schedulerName).toBe('gang');
    expect(pod.metadata.labels).toMatchObject({ 'scheduling.x-k8s.io/pod-group': 'pi-pg' });
    expect(property('spark.kubernetes.executor.label.scheduling.x-k8s.io/pod-group')).toBe('pi-pg');
    const long = build({ batchScheduler: 'gang' }, ON, 'a'.repeat(63));
    expect(long.around[0]?.metadata.name.length).toBe(63);
  });
});

describe('YuniKorn', () => {
  it('reads of both task groups on the driver, and makes no object', () => {
    const {
      around,
      driver: pod,
      property,
      schedulerName,
    } = build({
      batchScheduler: 'yunikorn',
      batchSchedulerOptions: { queue: 'root.research' },
      nodeSelector: { zone: 'a' },
      executor: { tolerations: [{ key: 'spot', operator: 'Exists' }], labels: { tier: 'batch' } },
    });
    expect(around).toEqual([]);
    expect(schedulerName).toBe('yunikorn');
    const { annotations = {}, labels } = pod.metadata;
    expect(annotations['yunikorn.apache.org/task-group-name']).toBe('spark-driver');
    expect(JSON.parse(annotations['yunikorn.apache.org/task-groups'] ?? '')).toEqual([
      {
        name: 'spark-driver',
        minMember: 1,
        minResource: { cpu: '1000m', memory: '896Mi' },
        nodeSelector: { zone: 'a' },
      },
      {
        name: 'spark-executor',
        minMember: 2,
        minResource: { cpu: '1000m', memory: '896Mi' },
        nodeSelector: { zone: 'a' },
        tolerations: [{ key: 'spot', operator: 'Exists' }],
        labels: { tier: 'batch' },
      },
    ]);
    expect(labels).toMatchObject({ queue: 'root.research' });
    expect(property('spark.kubernetes.executor.annotation.yunikorn.apache.org/task-group-name')).toBe('spark-executor');
    expect(property('spark.kubernetes.executor.annotation.yunikorn.apache.org/task-groups')).toBeUndefined();
    expect(property('spark.kubernetes.executor.label.queue')).toBe('root.research');
  });

  it('is told of no group of executors where there are none at the start', () => {
    const { driver: pod } = build({
      batchScheduler: 'yunikorn',
      executor: { instances: undefined },
      dynamicAllocation: { enabled: true },
    });
    expect(load(pod.metadata.annotations?.['yunikorn.apache.org/task-groups'] ?? '')).toHaveLength(1);
  });
});

describe('which batch scheduler', () => {
  it("is the application's own, else the operator's, which then schedules its pods too", () => {
    const fallback = { ...ON, fallback: 'volcano' };
    expect(build({}, fallback).schedulerName).toBe('volcano');
    expect(build({ batchScheduler: 'yunikorn' }, fallback).schedulerName).toBe('yunikorn');
    expect(build({}, { ...fallback, enabled: false }).schedulerName).toBeUndefined();
    expect(build({}).around).toEqual([]);
  });

  it('is refused where the operator knows it not', () => {
    const spec = { batchScheduler: 'mine' };
    const refused = (batch: BatchSettings) => messageOf(plan({ state: '', spec, settings: { batch } }));
    expect(refused(ON)).toBe(
      'spec.batchScheduler: "mine" is not valid, it must be one of volcano, yunikorn, gang; others are named by --kube-scheduler-names of the operator',
    );
    expect(refused({ ...ON, enabled: false })).toBe(
      'spec.batchScheduler: "mine" is not valid, it must not be set, since the operator runs without --enable-batch-scheduler',
    );
    expect(plan({ state: '', spec }).status?.applicationState?.state).toBe('SUBMITTED');
  });
});

describe('PodGroups', () => {
  it('are watched only where there may be any', () => {
    const kinds = (batch: BatchSettings) =>
      createSparkReconciler(() => ({ ...DEFAULT_SETTINGS, batch })).watches.filter(
        ({ kind }) => kind.kind === 'PodGroup',
      );
    expect(kinds({ ...ON, enabled: false })).toEqual([]);
    expect(kinds({ ...ON, kubeSchedulers: [] })).toHaveLength(1);
    expect(kinds(ON)).toHaveLength(2);
  });

  it('go with the run, so that a queue does not count what has ended', () => {
    const group: KubeObject = {
      ...POD_GROUPS.volcano,
      metadata: {
        name: 'spark-pi-pg',
        namespace: 'default',
        uid: 'uid-group',
        labels: { [SPARK_LABELS.submissionId]: SUBMISSION.submissionId },
        ownerReferences: [ownerReference(aSparkApplication(), { controller: true })],
      },
    };
    const observed = { drivers: [driver('Succeeded')], supports: [group] };
    expect(actionsOf(plan({ state: 'COMPLETED', observed }))).toEqual(['delete PodGroup spark-pi-pg']);
  });

  it('that cannot be made for want of their CRD are waited for, and the condition says so', () => {
    const message =
      'create PodGroup default/spark-pi-pg: the API server does not know this kind; is its CRD installed? (HTTP 404)';
    const failure: Failure = { kind: 'waiting', reason: 'KindNotFound', message, retryAfterMs: 5000 };
    const situation = situationOf(resourceOf({ state: 'SUBMITTED', seen: false }), UNSEEN, NOW);
    const decided = decideFailed(situation, failure);
    expect(decided?.status?.applicationState?.state).toBe('SUBMITTED');
    expect(decided?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'KindNotFound', message }),
    );
  });
});

describe('Kueue', () => {
  it("keeps its queue's labels off the pods, and what it puts into driver and executor to place them on", () => {
    const labels = { 'kueue.x-k8s.io/queue-name': 'team' };
    const podset = { 'kueue.x-k8s.io/podset': 'driver' };
    const spec = { driver: { labels: podset, nodeSelector: { pool: 'reserved' } } };
    const application = aSparkApplication({ metadata: { labels }, spec });
    const submission = submissionOf('uid', 1, 0);
    const { driver: pod } = desiredSubmission(application, effectiveConf(application, submission), submission);
    expect(pod.metadata.labels).toMatchObject(podset);
    expect(pod.metadata.labels).not.toHaveProperty(['kueue.x-k8s.io/queue-name']);
    expect(pod.spec).toMatchObject({ nodeSelector: { pool: 'reserved' } });
  });

  it('starts an application by changing its placement and taking suspend back in one edit', () => {
    const spec = { suspend: false, driver: { nodeSelector: { pool: 'reserved' } } };
    const decided = plan({ state: 'SUSPENDED', recorded: { suspend: true }, spec });
    expect(decided.status?.applicationState?.state).toBe('SUBMITTED');
    expect(decided.status?.submissionAttempts).toBe(1);
    expect(actionsOf(decided)).toContain('create Pod pi-driver');
  });

  const placed = { driver: { nodeSelector: { pool: 'reserved' } } };
  const takenBack = { suspend: true, driver: { nodeSelector: {} } };

  it('that preempts a run uses up no retry of it', () => {
    const restartPolicy = { type: 'OnFailure', onFailureRetries: 1 } as const;
    const observed = { drivers: [driver('Running')] };
    const stopping = plan({ spec: { ...takenBack, restartPolicy }, recorded: { ...placed, restartPolicy }, observed });
    expect(stopping.status).toMatchObject({ applicationState: { state: 'SUSPENDING' }, stoppedRuns: 1 });
    const status = stopping.status ?? {};
    const stopped = plan({ spec: { ...takenBack, restartPolicy }, status });
    expect(stopped.status).toMatchObject({ applicationState: { state: 'SUSPENDED' }, stoppedRuns: 1 });
    const spec = { ...placed, restartPolicy };
    const again = plan({ spec, state: 'SUSPENDED', status: stopped.status ?? {} });
    expect(again.status).toMatchObject({ executionAttempts: 2, submissionAttempts: 2, stoppedRuns: 1 });
    const failed = { drivers: [endedDriver({ exitCode: 3, reason: 'Error' })] };
    const runs = (stoppedRuns: number) => ({ executionAttempts: 2, stoppedRuns });
    const stateAfter = (stoppedRuns: number) =>
      plan({ spec, status: runs(stoppedRuns), observed: failed }).status?.applicationState?.state;
    expect(stateAfter(1)).toBe('PENDING_RERUN');
    expect(stateAfter(0)).toBe('FAILED');
  });

  it('that takes back an edit which stops a run uses up no retry of it either', () => {
    const observed = { drivers: [driver('Running')] };
    const replaced = plan({ spec: { ...placed, arguments: ['other'] }, recorded: placed, observed });
    expect(replaced.status).toMatchObject({ applicationState: { state: 'INVALIDATING' }, stoppedRuns: 1 });
    const suspended = plan({ spec: takenBack, recorded: placed, status: replaced.status ?? {}, observed });
    expect(suspended.status).toMatchObject({ applicationState: { state: 'SUSPENDING' }, stoppedRuns: 1 });
    const stopped = plan({ spec: takenBack, recorded: placed, status: suspended.status ?? {} });
    const again = plan({ spec: placed, status: stopped.status ?? {} });
    expect(again.status).toMatchObject({ executionAttempts: 2, stoppedRuns: 1 });
    const other = plan({ spec: { ...placed, arguments: ['other'] }, recorded: placed, status: stopped.status ?? {} });
    expect([other.status?.executionAttempts, other.status?.stoppedRuns]).toEqual([1, undefined]);
  });

  it('that takes the placement back of a run which has just ended has no other made of it', () => {
    const observed = { drivers: [endedDriver({ exitCode: 0 }, 'Succeeded')] };
    const ended = plan({ spec: takenBack, recorded: placed, observed });
    expect(ended.status?.applicationState?.state).toBe('COMPLETED');
    const resource = { spec: takenBack, recorded: placed, observed, status: ended.status ?? {} };
    const later = plan(resource);
    expect([later.status, actionsOf(later)]).toEqual([ended.status, []]);
    const edited = plan({ ...resource, spec: { ...takenBack, suspend: false } });
    expect(edited.status?.applicationState?.state).toBe('INVALIDATING');
  });
});
