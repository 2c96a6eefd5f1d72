/** One JobManager process with its job, as it really ran; times by performance.now(). */
export interface Run {
  readonly app: string;
  readonly image: string;
  readonly jobId: string;
  readonly startedAt: number;
  /** The job is over, or its process is. */
  endedAt: number | undefined;
  /** Path of what it began from; undefined: empty. */
  restoredFrom: string | undefined;
  /** Paths of the checkpoints and savepoints that completed, oldest first. */
  readonly snapshots: string[];
}

/** What every application was to become by one upgrade. */
export interface Expected {
  readonly apps: readonly string[];
  readonly image: string;
  /** Whether the job keeps its id. */
  readonly keepsJobId: boolean;
}

/**
 * What went wrong in an upgrade of each application, in words: a job that ran twice at once or not exactly one more time, that
 * began from anything but the newest state of the run before, under another id than it should have, or as it was before.
 */
export function wrongTransitions(runs: readonly Run[], expected: Expected): readonly string[] {
  return expected.apps.flatMap((app) => {
    const own = runs.filter((run) => run.app === app);
    const [first, second, ...more] = own;
    if (first === undefined || second === undefined) return [`${app}: ran ${own.length} times`];
    return [
      ...(more.length > 0 ? [`${app}: ran ${own.length} times`] : []),
      ...between(first, second, expected),
      ...(second.image === expected.image ? [] : [`${app}: runs ${second.image}`]),
      ...(second.endedAt === undefined ? [] : [`${app}: does not run in the end`]),
    ];
  });
}

function between(first: Run, second: Run, { keepsJobId }: Expected): readonly string[] {
  const { app, startedAt, restoredFrom } = second;
  const newest = first.snapshots.at(-1);
  const overlap = first.endedAt === undefined || first.endedAt > startedAt;
  return [
    ...(overlap ? [`${app}: ran twice at once`] : []),
    ...(restoredFrom === newest ? [] : [`${app}: began from ${restoredFrom}, although ${newest} is the newest`]),
    ...((first.jobId === second.jobId) === keepsJobId ? [] : [`${app}: its job id is ${second.jobId}`]),
  ];
}
