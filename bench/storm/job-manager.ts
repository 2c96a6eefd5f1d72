import { randomInt } from 'node:crypto';
import type { Run } from './truth.ts';

/** Milliseconds things take, at random between two bounds: much less than Flink does, so that the operator shows. */
const TAKES = { init: [200, 700], savepoint: [200, 800] } as const;

const TASKS = 4;

/** What a JobManager has to do with the outside. */
export interface Surroundings {
  /** Notes what happened to the job at this moment. */
  readonly tell: (what: 'RUNNING' | 'savepoint', path?: string) => void;
  /** Writes the pointer to a checkpoint into high availability's data; does nothing without that. */
  readonly point: (run: Run, checkpoint: number, path: string) => Promise<void>;
}

/** One JobManager with one job: initializes, runs, completes one checkpoint, and stops with a savepoint when asked. */
export class StormJobManager {
  readonly run: Run;
  private readonly around: Surroundings;
  private readonly savepoints = new Map<string, string | undefined>();
  private readonly since = Date.now();
  private state: 'INITIALIZING' | 'RUNNING' | 'FINISHED' = 'INITIALIZING';
  private modified = Date.now();
  private checkpoint: { readonly id: number; readonly path: string } | undefined;

  constructor(run: Run, around: Surroundings) {
    this.run = run;
    this.around = around;
    after('init', () => void this.begin());
  }

  /** The process is gone. */
  end(): void {
    this.run.endedAt ??= performance.now();
  }

  /** Answers a request; undefined: there is nothing of that name. */
  answer(method: string, path: string, body: unknown): unknown {
    const job = `/jobs/${this.run.jobId}`;
    if (path.startsWith(`${job}/savepoints/`)) return this.savepoint(path.slice(path.lastIndexOf('/') + 1));
    if (method === 'POST') return path === `${job}/stop` ? this.stop(body) : undefined;
    switch (path) {
      case '/config':
        return { 'flink-version': '2.0.0', 'flink-revision': 'bench' };
      case '/jobs/overview':
        return { jobs: [this.overview()] };
      case job:
        return { jid: this.run.jobId, state: this.state, vertices: [this.vertex('source'), this.vertex('sink')] };
      case `${job}/exceptions`:
        return { exceptionHistory: { entries: [], truncated: false } };
      case `${job}/checkpoints`:
        return this.checkpoints();
      default:
        return undefined;
    }
  }

  private get over(): boolean {
    return this.run.endedAt !== undefined;
  }

  private async begin(): Promise<void> {
    if (this.over) return;
    this.become('RUNNING');
    this.around.tell('RUNNING');
    const id = numberIn(this.run.restoredFrom) + 1;
    const path = `file:/state/checkpoints/${this.run.jobId}/chk-${id}`;
    await this.around.point(this.run, id, path);
    if (this.over) return;
    this.checkpoint = { id, path };
    this.run.snapshots.push(path);
  }

  private stop(body: unknown): unknown {
    const { triggerId } = body as { readonly triggerId: string };
    if (!this.savepoints.has(triggerId)) {
      this.savepoints.set(triggerId, undefined);
      after('savepoint', () => this.saved(triggerId));
    }
    return { 'request-id': triggerId };
  }

  private saved(triggerId: string): void {
    if (this.over) return;
    const path = `file:/state/savepoints/savepoint-${triggerId.slice(0, 12)}`;
    this.run.snapshots.push(path);
    this.savepoints.set(triggerId, path);
    this.become('FINISHED');
    this.end();
    this.around.tell('savepoint', path);
  }

  private savepoint(triggerId: string): unknown {
    if (!this.savepoints.has(triggerId)) return undefined;
    const location = this.savepoints.get(triggerId);
    return location === undefined
      ? { status: { id: 'IN_PROGRESS' } }
      : { status: { id: 'COMPLETED' }, operation: { location } };
  }

  private become(state: 'RUNNING' | 'FINISHED'): void {
    this.state = state;
    this.modified = Date.now();
  }

  private overview(): object {
    const times = { 'start-time': this.since, 'end-time': -1, duration: 0, 'last-modification': this.modified };
    const states = { running: this.in('RUNNING'), finished: this.in('FINISHED'), created: this.in('INITIALIZING') };
    const tasks = { total: TASKS, ...states };
    return { jid: this.run.jobId, name: 'State machine job', state: this.state, ...times, tasks };
  }

  private in(state: StormJobManager['state']): number {
    return this.state === state ? TASKS : 0;
  }

  private vertex(name: string): object {
    const half = TASKS / 2;
    const tasks = { [this.state === 'INITIALIZING' ? 'CREATED' : this.state]: half };
    return { id: name, name, parallelism: half, slotSharingGroupId: 'group', tasks };
  }

  private checkpoints(): object {
    const { checkpoint, since } = this;
    const done = checkpoint === undefined ? [] : [checkpointBody(checkpoint, since)];
    return {
      counts: { restored: 0, in_progress: 0, completed: done.length, failed: 0 },
      latest: { completed: done[0] ?? null, savepoint: null, restored: null },
      history: done,
    };
  }
}

function checkpointBody({ id, path }: { readonly id: number; readonly path: string }, since: number): object {
  const times = { trigger_timestamp: since, latest_ack_timestamp: since };
  return {
    id,
    status: 'COMPLETED',
    is_savepoint: false,
    ...times,
    state_size: 1024,
    external_path: path,
    discarded: false,
  };
}

/** Number of the checkpoint at a path; 0 for anything else. */
function numberIn(path: string | undefined): number {
  return Number(/\/chk-(\d+)$/.exec(path ?? '')?.[1] ?? 0);
}

function after(what: keyof typeof TAKES, callback: () => void): void {
  const [least, most] = TAKES[what];
  setTimeout(callback, randomInt(least, most)).unref();
}
