import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NAMESPACE } from '../../bench/api.ts';
import { type ControlPlane, startControlPlane } from '../../bench/control-plane.ts';
import { bundle } from '../../scripts/build.ts';
import { Children } from '../cluster/children.ts';
import { apiCall } from '../cluster/http.ts';
import { until } from '../kit/until.ts';
import {
  auditing,
  effectsIn,
  handOverSeconds,
  lateEffects,
  lateWrites,
  readAudit,
  termsOf,
  type Write,
} from './audit.ts';
import { type Fault, handOverBound } from './faults.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { patientApi } from './patient-api.ts';
import { type ApiProxy, startApiProxy } from './proxy.ts';
import { LEASE, newAccount, type Replica, startReplica, unexplained } from './replica.ts';
import { watchThroughout } from './sightings.ts';

/** How jobs and operators came through one fault. */
export interface Outcome {
  /** From the fault until another process led; undefined if none came to. */
  readonly handOverSeconds: number | undefined;
  /** From the first edit until every job and application was as wanted. */
  readonly settledSeconds: number;
  /** Processes that led, one after another. */
  readonly leaders: number;
  /** Writes of both replicas, those of the Lease not counted, and how many of them the API server refused. */
  readonly writes: number;
  readonly refused: number;
  /** Those that arrived when their sender could have lost the Lease, refused or not. */
  readonly late: number;
  /** Processes that ended. */
  readonly exits: number;
  /** What must not be, in words. */
  readonly violations: readonly string[];
}

/** What is tried, and how much of it. */
export interface Trial {
  readonly fault: Fault;
  readonly flink: number;
  readonly spark: number;
  /** From the first edit to the fault. */
  readonly strikeMs: number;
  /** Duration of the Lease. */
  readonly leaseMs: number;
  /** How long nothing may be written at the end, in milliseconds. */
  readonly restMs: number;
  /** More flags for the replica of this name, by name without dashes. */
  readonly flags?: (name: string) => Readonly<Record<string, string>>;
}

const CONTROLLERS = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
const POD = { apiVersion: 'v1', kind: 'Pod' };
const NAMES = ['weir-a', 'weir-b'] as const;
/** Events come a little after what they tell of. */
const SETTLE_MS = 3000;

/** What a trial stands on. */
export interface Stage {
  readonly plane: ControlPlane;
  readonly jobs: Jobs;
  readonly proxy: ApiProxy | undefined;
  /** The first one leads when the trial begins. */
  readonly replicas: readonly [Replica, Replica];
  readonly auditLog: string;
}

/** Sets everything up until jobs run under two replicas of the operator, hands it to `work`, and takes it down. */
export async function withStage<T>(trial: Trial, work: (stage: Stage) => Promise<T>): Promise<T> {
  const children = new Children(await mkdtemp(join(tmpdir(), 'weir-faults-')));
  const undo: (() => unknown)[] = [() => children.stop()];
  try {
    // A replica may run as another user.
    await chmod(children.folder, 0o755);
    const { flags, log: auditLog } = await auditing(children.folder, NAMESPACE);
    const plane = await startControlPlane(CONTROLLERS, { flags });
    undo.push(() => plane.stop());
    const sightings = await watchThroughout(plane.kubeconfigPath, [POD]);
    undo.push(() => sightings.stop());
    const jobs = await createJobs(patientApi(plane.api), sightings, trial);
    undo.push(() => jobs.close());
    const proxy = trial.fault.proxied && (await startApiProxy(plane.admin));
    undo.push(() => proxy?.close());
    const { bundle: program } = await bundle({ bundle: join(children.folder, 'weir.mjs') });
    const start = startWith({ trial, plane, proxy, children, program });
    const first = await start(NAMES[0], trial.fault.user);
    undo.push(() => first.stop());
    await leaderOf(plane, [first]);
    const second = await start(NAMES[1], undefined);
    undo.push(() => second.stop());
    await jobs.start();
    return await work({ plane, jobs, proxy, replicas: [first, second], auditLog });
  } finally {
    for (const step of undo.toReversed()) await step();
  }
}

interface Start {
  readonly trial: Trial;
  readonly plane: ControlPlane;
  readonly proxy: ApiProxy | undefined;
  readonly children: Children;
  readonly program: string;
}

function startWith({ trial, plane, proxy, children, program }: Start) {
  const dns = join(import.meta.dirname, '../../bench/loopback-dns.mjs');
  const imports = trial.fault.clocked ? [dns, join(import.meta.dirname, 'clock.mjs')] : [dns];
  return async (name: string, user: number | undefined): Promise<Replica> => {
    const token = await newAccount(plane.admin, name);
    const server = proxy?.server ?? plane.admin;
    const flags = { ...leaseFlags(trial), ...trial.flags?.(name) };
    const replica = await startReplica({ name, children, program, server, token, imports, user, flags });
    await replica.ready();
    return replica;
  };
}

/** The timing of the Lease in the proportions it has by default. */
function leaseFlags({ leaseMs }: Trial): Readonly<Record<string, string>> {
  const part = (share: number): string => `${Math.round(leaseMs * share)}ms`;
  return { 'lease-duration': part(1), 'lease-renew-deadline': part(2 / 3), 'lease-retry-period': part(2 / 15) };
}

/** The replica that holds the Lease, once one does. */
async function leaderOf({ admin }: ControlPlane, replicas: readonly Replica[]): Promise<Replica> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${LEASE}`;
  return until('a replica to lead', async () => {
    const { body } = await apiCall(admin, path);
    const holder = (JSON.parse(body) as { spec?: { holderIdentity?: string } }).spec?.holderIdentity ?? '';
    const found = replicas.find(({ name }) => holder.startsWith(`${name}_`));
    return found === undefined ? { not: `held by "${holder}"` } : { done: found };
  });
}

/** Edits all jobs, does the fault meanwhile, and judges by what really happened. */
export async function tryFault({ fault, strikeMs, restMs, leaseMs }: Trial, stage: Stage): Promise<Outcome> {
  const { plane, jobs, proxy, replicas, auditLog } = stage;
  const begun = Date.now();
  const changed = jobs.change(fault.editsMs);
  await sleep(strikeMs);
  const leader = await leaderOf(plane, replicas);
  const struck = Date.now();
  const over = fault.strike({ leader, plane, proxy, leaseMs });
  await Promise.all([changed, over]);
  const problem = await jobs.settled().then(() => undefined, String);
  const settled = Date.now();
  const bound = handOverBound(fault, leaseMs);
  // Jobs may have settled before another has to lead.
  await sleep(Math.max(0, struck + (bound ?? 0) * 1000 - Date.now()));
  await sleep(SETTLE_MS);
  const atRest = Date.now();
  await sleep(restMs);
  const writes = await readAudit(auditLog);
  const effects = effectsIn(writes);
  const handOver = handOverSeconds(writes, struck);
  return {
    handOverSeconds: handOver,
    settledSeconds: (settled - begun) / 1000,
    leaders: termsOf(writes).length,
    writes: effects.length,
    refused: effects.filter(({ code }) => code >= 300).length,
    late: lateWrites(writes, leaseMs).length,
    exits: replicas.flatMap(({ exits }) => exits).length,
    violations: [
      ...(problem === undefined ? restless(effects, atRest) : [`not converged: ${problem}`]),
      ...jobs.wrong(),
      ...lateEffects(writes, leaseMs),
      ...replicas.flatMap(unexplained),
      ...tooSlow(bound, handOver),
    ],
  };
}

function tooSlow(bound: number | undefined, seconds: number | undefined): readonly string[] {
  if (bound === undefined || (seconds !== undefined && seconds <= bound)) return [];
  return [`another led ${seconds === undefined ? 'never' : `after ${seconds} s`}, due within ${bound} s`];
}

function restless(effects: readonly Write[], since: number): readonly string[] {
  const [first, ...more] = effects.filter(({ at }) => at >= since);
  return first === undefined ? [] : [`${1 + more.length} writes at rest, the first by ${first.user}: ${first.what}`];
}
