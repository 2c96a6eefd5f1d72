import { describe, expect, it } from 'vitest';
import { type FlinkPhase, measuredFlink, measuredSnapshot } from './measured.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { aFlinkDeployment, type DeepPartial } from './testing.ts';

const phaseOf = (status: DeepPartial<FlinkDeploymentStatus>): FlinkPhase =>
  measuredFlink(aFlinkDeployment({ status })).phase;

describe('what metrics read of a Flink resource', () => {
  it('is in its status', () => {
    const status = {
      lifecycleState: 'STABLE',
      jobStatus: { state: 'RUNNING' },
      jobManagerDeploymentStatus: 'READY',
      reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: 'recorded' },
      clusterInfo: { 'flink-version': '2.0.1', 'total-cpu': '1.5', 'total-memory': '4096' },
      restore: { mode: 'savepoint' },
      snapshots: [{ path: 's3://a' }, { path: 's3://b', sizeBytes: 12 }, { path: 's3://c', sizeBytes: 10 }],
      conditions: [{ type: 'Ready', status: 'False', reason: 'WaitingForTasks', message: '', lastTransitionTime: '' }],
    } as const;
    expect(measuredFlink(aFlinkDeployment({ status }))).toEqual({
      namespace: 'default',
      name: 'orders',
      kind: 'FlinkDeployment',
      createdAt: Date.parse('2026-01-01T00:00:00Z'),
      generation: 1,
      state: 'STABLE',
      notReady: 'WaitingForTasks',
      job: 'RUNNING',
      phase: 'running',
      mode: 'savepoint',
      rolledBack: false,
      recorded: 'recorded',
      jobManager: 'READY',
      flinkVersion: '2.0.1',
      cpu: 1.5,
      memoryBytes: 4096,
      stateBytes: 12,
    });
  });

  it('is little before anybody has looked at it', () => {
    expect(measuredFlink(aFlinkDeployment())).toMatchObject({
      state: 'CREATED',
      notReady: undefined,
      job: undefined,
      phase: 'new',
      mode: 'none',
      jobManager: 'MISSING',
      flinkVersion: undefined,
      cpu: 0,
    });
  });

  it.each<[FlinkPhase, DeepPartial<FlinkDeploymentStatus>]>([
    ['new', { lifecycleState: 'CREATED' }],
    ['starting', { lifecycleState: 'UPGRADING', jobStatus: { state: 'RECONCILING' } }],
    ['starting', { lifecycleState: 'DEPLOYED', jobStatus: { state: 'CREATED' } }],
    ['running', { lifecycleState: 'DEPLOYED', jobStatus: { state: 'RUNNING' } }],
    ['running', { lifecycleState: 'STABLE', jobManagerDeploymentStatus: 'READY' }],
    ['restarting', { lifecycleState: 'STABLE', jobStatus: { state: 'RESTARTING' } }],
    ['stopping', { lifecycleState: 'UPGRADING', jobStatus: { state: 'RUNNING' }, stopping: { by: 'savepoint' } }],
    ['suspended', { lifecycleState: 'SUSPENDED', jobStatus: { state: 'SUSPENDED' } }],
    ['ended', { lifecycleState: 'STABLE', jobStatus: { state: 'FINISHED' } }],
    ['ended', { lifecycleState: 'FAILED', jobStatus: { state: 'FAILED' } }],
    ['ended', { lifecycleState: 'DELETING' }],
  ])('tells how far its job has come: %s', (phase, status) => expect(phaseOf(status)).toBe(phase));

  it('counts taking down a cluster for a suspension as stopping', () => {
    const status = { lifecycleState: 'UPGRADING', restore: { mode: 'savepoint' } } as const;
    const phaseAs = (state: 'running' | 'suspended') =>
      measuredFlink(aFlinkDeployment({ spec: { job: { state } }, status })).phase;
    expect([phaseAs('running'), phaseAs('suspended')]).toEqual(['starting', 'stopping']);
  });

  it('tells what comes next while the job is being stopped for it', () => {
    const modeWhile = (by: 'savepoint' | 'cancel') =>
      measuredFlink(aFlinkDeployment({ status: { stopping: { by }, restore: { mode: 'stateless' } } })).mode;
    expect([modeWhile('savepoint'), modeWhile('cancel')]).toEqual(['savepoint', 'last-state']);
  });

  it('of a snapshot is its type and state', () => {
    const snapshot = (spec: object, status?: object) =>
      measuredSnapshot({ ...aFlinkDeployment(), kind: 'FlinkStateSnapshot', spec, status });
    expect(snapshot({ savepoint: {} }, { state: 'COMPLETED' })).toMatchObject({
      type: 'Savepoint',
      state: 'COMPLETED',
    });
    expect(snapshot({ checkpoint: {} })).toMatchObject({ type: 'Checkpoint', state: 'New' });
  });
});
