import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sparkApplication } from '../../bench/spark/objects.ts';
import { call } from '../cluster/http.ts';
import { createAuthority, issue } from '../cluster/pki/certificates.ts';
import { freePorts } from '../cluster/ports.ts';
import { FAULTS } from './faults.ts';
import type { Replica } from './replica.ts';
import { type Outcome, type Trial, tryFault, withStage } from './trial.ts';

const LEASE_MS = 6000;

let certificates: string;
let standby: { readonly ready: number; readonly metrics: string; readonly review: string };
let outcome: Outcome;

beforeAll(async () => {
  const [port = 0, standbyPort = 0] = await freePorts(2);
  certificates = await mkdtemp(join(tmpdir(), 'weir-webhook-'));
  const { certificate, key } = await issue(await createAuthority('weir'), { commonName: 'weir' });
  await writeFile(join(certificates, 'tls.crt'), certificate);
  await writeFile(join(certificates, 'tls.key'), key);
  const fault = FAULTS.find(({ name }) => name === 'leader-killed');
  if (fault === undefined) throw new Error('there is no such fault');
  const flags: Trial['flags'] = (name) => ({
    'webhook-port': String(name === 'weir-a' ? port : standbyPort),
    'webhook-cert-dir': certificates,
  });
  const trial: Trial = { fault, flink: 10, spark: 3, strikeMs: 1000, leaseMs: LEASE_MS, restMs: 1000, flags };
  await withStage(trial, async (stage) => {
    standby = await look(stage.replicas[1], standbyPort);
    outcome = await tryFault(trial, stage);
  });
}, 600_000);

afterAll(() => rm(certificates, { recursive: true }));

async function look({ origin }: Replica, webhookPort: number): Promise<typeof standby> {
  const wrong = sparkApplication('wrong');
  const object = { ...wrong, spec: { ...wrong.spec, sparkVersion: undefined } };
  const request = { uid: '1', operation: 'CREATE', namespace: wrong.metadata.namespace, object };
  const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  return {
    ready: (await call(`${origin}/readyz`)).status,
    metrics: (await call(`${origin}/metrics`)).body,
    review: (await call(`https://127.0.0.1:${webhookPort}/validate`, { method: 'POST', body })).body,
  };
}

it('a standby is ready with synced caches, and answers for metrics and admission', () => {
  expect(standby.ready).toBe(200);
  expect(standby.metrics).toMatch(/^leader_election_master_status\{name="weir"\} 0$/m);
  expect(JSON.parse(standby.review)).toMatchObject({ response: { uid: '1', allowed: false } });
});

it('a leader that is killed while ten jobs are upgraded is followed in time, and no job is hurt', () => {
  expect(outcome.violations).toEqual([]);
  expect(outcome.leaders).toBe(2);
  expect(outcome.handOverSeconds).toBeLessThanOrEqual(LEASE_MS / 1000 + 2);
});
