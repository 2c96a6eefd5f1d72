import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unknown } from '../core/fact.ts';
import { isRecord } from '../lib/json.ts';
import type { FlinkPlan } from './decide.ts';
import { GENERATION_ANNOTATION } from './desired/names.ts';
import { readRecord, recordedWish } from './record.ts';
import { isSpent } from './restore.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { FlinkDeploymentSpec } from './schema.ts';
import { SESSION_JOB_FINALIZER } from './session-job/schema.ts';
import { FLINK_FINALIZER } from './situation.ts';
import { specDiff } from './spec-diff.ts';
import { checkpoints, snapshot } from './testing/edited.ts';
import { answer, type Given, job, jobManager, plan, whole } from './testing/pass.ts';
import { LAST_STATE, SAVEPOINT, SP } from './testing/take-over.ts';

/** What the incumbent's CRD of FlinkDeployment says of a field. */
interface Field {
  readonly type?: string;
  readonly enum?: readonly string[];
}

const golden = readFileSync(join(import.meta.dirname, '__golden__/incumbent-fields.json'), 'utf8');
const FIELDS = new Map(Object.entries(JSON.parse(golden) as Record<string, Field>));
const guide = readFileSync(join(import.meta.dirname, '../../docs/migration-from-flink-operator.md'), 'utf8');

const UP = { jobManager, children: whole };
const RUNNING = { ...UP, rest: answer(job()) };
const SILENT = { ...UP, rest: unknown('connection refused') };
const ENDED = (state: 'FINISHED' | 'FAILED') => ({
  ...UP,
  rest: answer(job({ state, tasks: { total: 2, active: 0 } })),
});
const SPENT = {
  ...UP,
  rest: answer(job({ state: 'FINISHED' }), {
    checkpoints: checkpoints({ checkpoint: snapshot(7) }),
  }),
};

/** Passes that leave every kind of status. */
const GIVEN: readonly (readonly [string, Given])[] = [
  ['refused', { spec: { image: '' }, recorded: false }],
  ['first start', { spec: LAST_STATE, recorded: false }],
  ['first start from a savepoint', { spec: { job: { initialSavepointPath: SP } }, recorded: false }],
  ['deployed', { state: 'UPGRADING', jobState: 'suspended', observed: UP }],
  ['running', { observed: RUNNING }],
  ['running, silent', { observed: SILENT }],
  ['being stopped by a savepoint', { spec: SAVEPOINT, recorded: { ...SAVEPOINT, image: 'x' }, observed: RUNNING }],
  [
    'being cancelled',
    {
      spec: LAST_STATE,
      recorded: { ...LAST_STATE, image: 'x' },
      observed: { ...UP, rest: answer(job({ state: 'RESTARTING' })) },
    },
  ],
  ['upgraded without state', { recorded: { image: 'x' }, observed: RUNNING }],
  ['suspending', { spec: { job: { state: 'suspended' } }, recorded: {}, observed: RUNNING }],
  ['suspended', { spec: { job: { state: 'suspended' } }, jobState: 'suspended', mode: 'stateless' }],
  ['finished', { observed: ENDED('FINISHED') }],
  ['finished, its checkpoints with it', { spec: LAST_STATE, observed: SPENT }],
  [
    'suspended after that',
    {
      spec: { ...LAST_STATE, job: { upgradeMode: 'last-state', state: 'suspended' } },
      recorded: LAST_STATE,
      observed: SPENT,
    },
  ],
  ['failed', { observed: ENDED('FAILED') }],
  ['left to its user', { spec: SAVEPOINT }],
  ['being deleted', { deleting: true, observed: RUNNING }],
];

const WRITTEN = GIVEN.map(([name, given]) => [name, plan(given), given] as const).filter(
  ([, { status }]) => status !== undefined,
);

/** Every field of a status by its path, with its value. */
function fieldsOf(value: unknown, path: string): (readonly [string, unknown])[] {
  const own = [[path, value] as const];
  if (Array.isArray(value)) return [...own, ...value.flatMap((item) => fieldsOf(item, `${path}[]`))];
  if (!isRecord(value)) return own;
  const open = FIELDS.has(`${path}.*`);
  const items = Object.entries(value).filter(([, item]) => item !== undefined);
  return [...own, ...items.flatMap(([key, item]) => fieldsOf(item, open ? `${path}.*` : `${path}.${key}`))];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

describe('a status for the incumbent', () => {
  it.each(WRITTEN)('has its types and words: %s', (_name, { status }) => {
    const known = fieldsOf(status, 'status').filter(([path]) => FIELDS.has(path));
    expect(known.length).toBeGreaterThan(5);
    const wrong = known.filter(([path, value]) => {
      const { type, enum: words } = FIELDS.get(path) ?? {};
      return typeOf(value) !== type || (words !== undefined && !words.includes(String(value)));
    });
    expect(wrong).toEqual([]);
  });

  it('has besides only what the guide names', () => {
    const added = WRITTEN.flatMap(([, { status }]) => fieldsOf(status, 'status').map(([path]) => path)).filter(
      (path) => !FIELDS.has(path),
    );
    const tops = [...new Set(added)].filter((path) => FIELDS.has(path.replace(/(\[\])?\.[^.]+$/, '')));
    expect(tops.filter((path) => !guide.includes(`\`${path.replace('[]', '')}\``))).toEqual([]);
    expect(tops).toContain('status.restore');
  });

  it.each(WRITTEN)('never lacks what it reads without looking: %s', (_name, { status }) => {
    const { jobStatus = {}, reconciliationStatus = {}, jobManagerDeploymentStatus } = status ?? {};
    expect(jobManagerDeploymentStatus).toBeDefined();
    expect(reconciliationStatus.state).toBeDefined();
    if (reconciliationStatus.lastReconciledSpec === undefined) return;
    expect(jobStatus.state).toBeDefined();
    expect(jobStatus.jobId).toMatch(/^[0-9a-f]{32}$/);
    const terminal = ['FINISHED', 'FAILED', 'CANCELED'].includes(jobStatus.state ?? '');
    if (terminal) expect(jobStatus.updateTime).toMatch(/^\d+$/);
  });
});

/** Nothing can be started from this path: without one the incumbent starts a job empty whatever its upgradeMode. */
const NOWHERE = 'KUBERNETES_OPERATOR_LAST_STATE';

/** The record as the incumbent's SpecUtils takes it apart: it refuses keys it does not know in the metadata. */
function decoded(text: string | undefined) {
  const { spec, resource_metadata: metadata, ...rest } = JSON.parse(text ?? '');
  return { spec, metadata, rest };
}

describe('the recorded spec for the incumbent', () => {
  const RECORDED = WRITTEN.filter(([, { status }]) => status?.reconciliationStatus?.lastReconciledSpec !== undefined);

  it.each(RECORDED)('is in its envelope: %s', (_name, { status }) => {
    const { lastReconciledSpec, lastStableSpec = lastReconciledSpec } = status?.reconciliationStatus ?? {};
    for (const text of [lastReconciledSpec, lastStableSpec]) {
      const { spec, metadata, rest } = decoded(text);
      expect(rest).toEqual({});
      expect(Object.keys(metadata).sort()).toEqual(['apiVersion', 'firstDeployment']);
      expect(metadata).toMatchObject({ apiVersion: 'flink.apache.org/v1beta1', firstDeployment: expect.any(Boolean) });
      expect(
        fieldsOf(spec, 'spec').filter(([path]) => !FIELDS.has(path) && !/Configuration|podTemplate/.test(path)),
      ).toEqual([]);
    }
  });

  it.each(RECORDED)('means there what it means here: %s', (_name, { status }) => {
    const record = readRecord(status);
    const { spec } = decoded(status?.reconciliationStatus?.lastReconciledSpec);
    const upgrading = status?.reconciliationStatus?.state === 'UPGRADING';
    expect(spec.job.state).toBe(upgrading || record?.jobState === 'suspended' ? 'suspended' : 'running');
    if (spec.job.state === 'suspended') expect(spec.job.upgradeMode).toBe(record?.restore.mode);
    const { upgradeSavepointPath } = status?.jobStatus ?? {};
    const { restore } = record ?? {};
    if (restore?.mode === 'last-state' || (restore !== undefined && isSpent(restore))) {
      expect(upgradeSavepointPath).toBe(NOWHERE);
    } else if (restore?.mode === 'savepoint') expect(upgradeSavepointPath).toBe(restore.path);
  });

  it.each(RECORDED)(
    'is read alike when the incumbent has written the status, which drops what it does not know: %s',
    (_name, { status }) => {
      const [before, after] = [readRecord(status), readRecord(withoutAdded(status))];
      if (before === undefined || after === undefined) throw new Error('a record was expected');
      const { state, jobState, jobId, firstDeployment, timestamp } = before;
      expect(after).toMatchObject({ state, jobState, jobId, firstDeployment, timestamp });
      expect(specDiff(recordedWish(before), recordedWish(after)).kind).not.toBe('upgrade');
      if (jobState === 'running' && !firstDeployment) return;
      expect([after.restore.mode, after.restore.path]).toEqual([before.restore.mode, before.restore.path]);
    },
  );

  function withoutAdded(status: FlinkDeploymentStatus | undefined): FlinkDeploymentStatus {
    return pruned(status, 'status') as FlinkDeploymentStatus;
  }

  function pruned(value: unknown, path: string): unknown {
    if (Array.isArray(value)) return value.map((item) => pruned(item, `${path}[]`));
    if (!isRecord(value) || FIELDS.has(`${path}.*`)) return value;
    const kept = Object.entries(value).filter(([key]) => FIELDS.has(`${path}.${key}`));
    return Object.fromEntries(kept.map(([key, item]) => [key, pruned(item, `${path}.${key}`)]));
  }

  it('has no field that the incumbent does not have', () => {
    const top = Object.keys(FlinkDeploymentSpec.shape).map((name) => `spec.${name}`);
    expect(top.filter((path) => !FIELDS.has(path))).toEqual([]);
  });
});

describe('objects for the incumbent', () => {
  it('are told to be of the start that is recorded, should it find them before the status says so', () => {
    const started: FlinkPlan = plan({ recorded: false });
    const [deployment] = started.actions.flatMap((action) => (action.kind === 'create' ? [action.object] : []));
    const { observedGeneration, jobManagerDeploymentStatus, reconciliationStatus } = started.status ?? {};
    expect([jobManagerDeploymentStatus, reconciliationStatus?.state]).toEqual(['MISSING', 'UPGRADING']);
    expect(deployment?.metadata.annotations?.[GENERATION_ANNOTATION]).toBe(String(observedGeneration));
  });

  it('are let go by its finalizers', () => {
    expect(FLINK_FINALIZER).toBe('flinkdeployments.flink.apache.org/finalizer');
    expect(SESSION_JOB_FINALIZER).toBe('flinksessionjobs.flink.apache.org/finalizer');
  });
});
