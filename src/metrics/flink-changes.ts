import { Histogram, type Registry } from 'prom-client';

/** How far the job of a resource has come. */
type Phase = 'new' | 'running' | 'restarting' | 'stopping' | 'starting' | 'suspended' | 'ended';

/** What changes of a Flink job are told by. */
export interface MeasuredJob {
  readonly kind: string;
  readonly phase: Phase;
  /** What the run under way, or the next one, starts from. */
  readonly mode: string;
  /** The spec that failed is being given up, or was, for the last stable one. */
  readonly rolledBack: boolean;
  /** The spec last acted on, in any writing. */
  readonly recorded: string | undefined;
  /** Milliseconds since the epoch; undefined where not known. */
  readonly createdAt: number | undefined;
}

/** What createFlinkChanges needs. */
export interface FlinkChangesOptions {
  readonly registry: Registry;
  /** Whether this replica is the one that counts. */
  readonly leads: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Why a job did not run: `again` is an upgrade, or a recovery if it runs the same spec afterwards. */
type Cause = 'start' | 'resume' | 'again';

interface Life {
  readonly job: MeasuredJob;
  /** Since when it is in its phase; undefined if that was before this process looked. */
  readonly since: number | undefined;
  /** What keeps the job from running, and since when; undefined while it runs, and where that is not known. */
  readonly change: { readonly cause: Cause; readonly since: number } | undefined;
  /** The spec that ran last. */
  readonly ran: string | undefined;
}

/** A JobManager is up within seconds; a savepoint of a large state takes an hour. */
const BUCKETS = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600];
const TIMED: ReadonlySet<Phase> = new Set(['restarting', 'stopping', 'starting', 'suspended']);

/** Durations of changes of Flink jobs, as the statuses tell them. Told of every change; undefined when the resource is gone. */
export function createFlinkChanges(options: FlinkChangesOptions): (key: string, job: MeasuredJob | undefined) => void {
  const { leads, now } = options;
  const { changes, phases } = histograms(options.registry);
  const lives = new Map<string, Life>();
  return (key, job) => {
    const before = lives.get(key);
    if (job === undefined) {
      lives.delete(key);
      return;
    }
    const at = now();
    lives.set(key, before === undefined ? firstSeen(job) : following(before, job, at));
    if (before === undefined || before.job.phase === job.phase || !leads()) return;
    const { kind, phase, mode } = before.job;
    if (TIMED.has(phase) && before.since !== undefined) {
      phases.observe({ kind, phase, mode }, seconds(before.since, at));
    }
    if (job.phase === 'running' && before.change !== undefined) {
      changes.observe({ kind, change: nameOf(before, job), mode: job.mode }, seconds(before.change.since, at));
    }
  };
}

function histograms(registry: Registry) {
  const common = { buckets: BUCKETS, registers: [registry] };
  return {
    changes: new Histogram({
      ...common,
      name: 'weir_flink_change_duration_seconds',
      help: "From when a job did not run any more, or from its resource's creation, until it runs, by what was the cause and what it started from.",
      labelNames: ['kind', 'change', 'mode'],
    }),
    phases: new Histogram({
      ...common,
      name: 'weir_flink_phase_duration_seconds',
      help: 'Of that, how long it was being stopped, being started or restarted by Flink; and how long it was suspended.',
      labelNames: ['kind', 'phase', 'mode'],
    }),
  };
}

function firstSeen(job: MeasuredJob): Life {
  const since = job.phase === 'new' ? job.createdAt : undefined;
  return {
    job,
    since,
    change: since === undefined ? undefined : { cause: 'start', since },
    ran: job.phase === 'running' ? job.recorded : undefined,
  };
}

function following(before: Life, job: MeasuredJob, at: number): Life {
  const changed = before.job.phase !== job.phase;
  return {
    job,
    since: changed ? at : before.since,
    change: changed ? changeOf(before, job, at) : before.change,
    ran: job.phase === 'running' ? job.recorded : before.ran,
  };
}

/** Stops and starts that follow each other are one change. */
function changeOf({ job: { phase: from }, change }: Life, { phase }: MeasuredJob, at: number): Life['change'] {
  if (phase === 'running' || phase === 'suspended' || phase === 'ended') return undefined;
  switch (from) {
    case 'running':
    case 'ended':
      return { cause: 'again', since: at };
    case 'suspended':
      return { cause: 'resume', since: at };
    default:
      return change;
  }
}

function nameOf({ change, ran }: Life, { rolledBack, recorded }: MeasuredJob): string {
  if (rolledBack) return 'rollback';
  if (change?.cause !== 'again') return change?.cause ?? '';
  return recorded === ran ? 'recovery' : 'upgrade';
}

function seconds(since: number, at: number): number {
  return Math.max(0, at - since) / 1000;
}
