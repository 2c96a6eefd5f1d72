/**
 * How a driver ended. EXITED: its program did, well or not. OOM_KILLED: it used more memory than it may. TERMINATED: by
 * SIGTERM. KILLED: by SIGKILL, or with its machine.
 */
export type DriverEnd = 'EXITED' | 'OOM_KILLED' | 'TERMINATED' | 'KILLED';

/** One driver process, from its start to its end: what really ran, whatever anyone believes. */
export interface DriverRun {
  readonly id: number;
  /** `namespace/name` of the SparkApplication or SparkConnect. */
  readonly application: string;
  readonly submissionId: string;
  readonly pod: string;
  readonly podUid: string;
  readonly image: string;
  /** Arguments of the program. */
  readonly args: readonly string[];
  readonly startedMs: number;
  /** Its program has returned or it was asked to stop: from here on it clears away what is its own. */
  stopping: boolean;
  endedMs: number | undefined;
  exitCode: number | undefined;
  end: DriverEnd | undefined;
  /** Executors at work for it now. */
  executors: number;
  /** Executors that ever worked for it. */
  joined: number;
}

/** What really happened to all Spark applications of a run. Oracles read this, never the operator's status. */
export class SparkTruth {
  readonly runs: DriverRun[] = [];

  /** A driver process that starts now. */
  begin(
    fields: Pick<DriverRun, 'application' | 'submissionId' | 'pod' | 'podUid' | 'image' | 'args' | 'startedMs'>,
  ): DriverRun {
    const run: DriverRun = {
      ...fields,
      id: this.runs.length + 1,
      stopping: false,
      endedMs: undefined,
      exitCode: undefined,
      end: undefined,
      executors: 0,
      joined: 0,
    };
    this.runs.push(run);
    return run;
  }
}

/** Drivers that go on. */
export function runningDrivers({ runs }: SparkTruth): readonly DriverRun[] {
  return runs.filter(({ endedMs }) => endedMs === undefined);
}

/** Whether the program came to its end and did what it was for. */
export function succeeded({ end, exitCode }: DriverRun): boolean {
  return end === 'EXITED' && exitCode === 0;
}
