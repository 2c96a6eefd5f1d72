import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../../bench/control-plane.ts';
import { signalPid } from '../cluster/process.ts';
import { CUT_USER, cutOff, whyNoCut } from './network.ts';
import type { ApiProxy } from './proxy.ts';
import type { Replica } from './replica.ts';

/** What a fault can be done to. */
export interface Victims {
  readonly leader: Replica;
  readonly plane: ControlPlane;
  /** What the replicas see in place of the API server, if the fault asks for it. */
  readonly proxy: ApiProxy | undefined;
  /** Duration of the Lease. */
  readonly leaseMs: number;
}

/** One thing that goes wrong while jobs are being upgraded. */
export interface Fault {
  readonly name: string;
  /** What happens, in one line. */
  readonly summary: string;
  /** Time over which the jobs are edited, in milliseconds. */
  readonly editsMs: number;
  /** The first leader runs as a user that can be cut off. */
  readonly user?: number;
  /** The replicas reach the API server through a proxy. */
  readonly proxied?: true;
  /** The replicas' clocks can be moved. */
  readonly clocked?: true;
  /** Whether the leader can hand over, or is gone without a word; undefined where it need not change. */
  readonly leader?: 'hands over' | 'gone';
  /** Why it cannot be tried on this machine; undefined where it can. */
  readonly whyNot?: () => Promise<string | undefined>;
  /** Returns when it is over, as far as anything is left to be undone. */
  strike(victims: Victims): Promise<void>;
}

/** Seconds within which another process has to lead; undefined where the leader need not change. */
export function handOverBound({ leader }: Fault, leaseMs: number): number | undefined {
  if (leader === undefined) return undefined;
  return leader === 'gone' ? leaseMs / 1000 + 2 : 2;
}

/** From the end of the Lease of a leader that stands still until it goes on, so that another has acted meanwhile. */
const PAST_LEASE_MS = 10_000;

const SPREAD_MS = 3000;

/** All faults, in the order in which they are tried. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'none',
    summary: 'nothing: what it takes undisturbed',
    editsMs: SPREAD_MS,
    strike: () => Promise.resolve(),
  },
  {
    name: 'leader-terminated',
    summary: 'the leader gets SIGTERM, as when its pod is deleted',
    editsMs: SPREAD_MS,
    leader: 'hands over',
    strike: ({ leader }) => Promise.resolve(leader.signal('SIGTERM')),
  },
  {
    name: 'leader-killed',
    summary: 'the leader gets SIGKILL',
    editsMs: SPREAD_MS,
    leader: 'gone',
    strike: ({ leader }) => Promise.resolve(leader.signal('SIGKILL')),
  },
  {
    name: 'leader-frozen',
    summary: 'the leader gets SIGSTOP, and SIGCONT ten seconds after its Lease ran out',
    editsMs: SPREAD_MS,
    leader: 'gone',
    async strike({ leader, leaseMs }) {
      leader.signal('SIGSTOP');
      await sleep(leaseMs + PAST_LEASE_MS);
      leader.signal('SIGCONT');
    },
  },
  {
    name: 'leader-cut-off',
    summary: 'the network of the leader drops everything (nft) until ten seconds after its Lease ran out',
    editsMs: SPREAD_MS,
    user: CUT_USER,
    leader: 'gone',
    whyNot: whyNoCut,
    async strike({ leaseMs }) {
      const heal = await cutOff();
      await sleep(leaseMs + PAST_LEASE_MS);
      await heal();
    },
  },
  {
    name: 'api-server-terminated',
    summary: 'kube-apiserver gets SIGTERM and is started again',
    editsMs: SPREAD_MS,
    strike: ({ plane }) => plane.restartApiServer('SIGTERM'),
  },
  {
    name: 'api-server-killed',
    summary: 'kube-apiserver gets SIGKILL and is started again',
    editsMs: SPREAD_MS,
    strike: ({ plane }) => plane.restartApiServer('SIGKILL'),
  },
  {
    name: 'etcd-paused',
    summary: 'etcd gets SIGSTOP, and SIGCONT after 20 s',
    editsMs: SPREAD_MS,
    async strike({ plane: { pids } }) {
      const { etcd } = pids;
      if (etcd === undefined) throw new Error('no etcd runs');
      signalPid(etcd, 'SIGSTOP');
      await sleep(20_000);
      signalPid(etcd, 'SIGCONT');
    },
  },
  {
    name: 'watches-cut',
    summary: 'every second for a minute the connections of all watches are cut',
    editsMs: 45_000,
    proxied: true,
    async strike({ proxy }) {
      for (let second = 0; second < 60; second++) {
        proxy?.cutWatches();
        await sleep(1000);
      }
    },
  },
  {
    name: 'throttled',
    summary: 'half of all requests are answered 429 with Retry-After for half a minute',
    editsMs: 20_000,
    proxied: true,
    async strike({ proxy }) {
      proxy?.refuse(0.5);
      await sleep(30_000);
      proxy?.refuse(0);
    },
  },
  {
    name: 'clock-moved',
    summary: 'the wall clock of the leader goes an hour ahead, an hour behind, and right again, ten seconds each',
    editsMs: 25_000,
    clocked: true,
    async strike({ leader }) {
      for (let move = 0; move < 3; move++) {
        leader.signal('SIGUSR2');
        await sleep(10_000);
      }
    },
  },
];
