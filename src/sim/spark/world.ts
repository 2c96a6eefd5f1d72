import { SparkTruth } from './truth.ts';

/** How long Spark takes, in milliseconds of virtual time. */
export interface SparkTiming {
  /** From the start of the driver's container until it asks for executors. */
  readonly boot: number;
  /** From the start of an executor's container until it works. */
  readonly join: number;
  /** spark.kubernetes.allocation.batch.delay. */
  readonly allocation: number;
  /** From SIGTERM, or the end of the program, to the end of the process. */
  readonly shutdown: number;
}

const TIMING: SparkTiming = { boot: 2_000, join: 1_500, allocation: 1_000, shutdown: 400 };

/** What identifies a program, and how often the application was run before. */
export interface ProgramRef {
  /** `namespace/name` of the resource it is run for. */
  readonly application: string;
  readonly image: string;
  readonly args: readonly string[];
  /** Counts the runs of the application from 1. */
  readonly n: number;
}

/** What a program does, as far as anything outside it can tell. */
export interface Program {
  /** Milliseconds of work, which only goes on while there are executors; Infinity: a stream. */
  readonly runsMs: number;
  /** How it ends then. */
  readonly exitCode: number;
  /** It ends by using more memory than it may. */
  readonly oom?: boolean;
  /** The end of its log. */
  readonly message?: string;
  /** Executors fail this long after they joined. */
  readonly executorsFailAfterMs?: number;
}

const PROGRAM: Program = { runsMs: 8_000, exitCode: 0 };

/** A request of a driver to the API server. */
export type DriverRequest = 'get pod' | 'create executor';

/** What a scenario decides about Spark. */
export interface SparkWorldOptions {
  /** What the program of an image does where it differs from one that works for 8 s and ends well. */
  readonly program?: (ref: ProgramRef) => Partial<Program>;
  readonly timing?: Partial<SparkTiming>;
  /** Images no registry has. */
  readonly missingImages?: readonly string[];
  /** Whether the API server fails the driver's n-th request of a kind, counted from 1 over the whole run. */
  readonly fails?: (request: DriverRequest, n: number) => boolean;
}

/** The driver as its executors know it. */
export interface DriverEndpoint {
  /** An executor is there. `released`: the driver has no more work for it, or is gone. The result is for when it goes. */
  join(pod: string, released: (exitCode: number) => void): () => void;
}

/** What the Spark processes of a simulation share: what fate has in store, who is there, and what really happened. */
export class SparkWorld {
  readonly truth = new SparkTruth();
  readonly timing: SparkTiming;
  /** By application id. */
  readonly drivers = new Map<string, DriverEndpoint>();
  private readonly options: SparkWorldOptions;
  private readonly processes = new Map<string, () => void>();
  private readonly asked = new Map<DriverRequest, number>();

  constructor(options: SparkWorldOptions = {}) {
    this.options = options;
    this.timing = { ...TIMING, ...options.timing };
  }

  /** What the program does this time. */
  programOf(ref: ProgramRef): Program {
    return { ...PROGRAM, ...this.options.program?.(ref) };
  }

  /** Whether the image can be pulled. */
  hasImage(image: string): boolean {
    return this.options.missingImages?.includes(image) !== true;
  }

  /** Whether this request of a driver fails. */
  fails(request: DriverRequest): boolean {
    const n = (this.asked.get(request) ?? 0) + 1;
    this.asked.set(request, n);
    return this.options.fails?.(request, n) ?? false;
  }

  /** Notes how to end the process in a pod at once; the result forgets it. */
  entered(pod: string, crash: () => void): () => void {
    this.processes.set(pod, crash);
    return () => void this.processes.delete(pod);
  }

  /** The process in a pod dies by itself. */
  crash(pod: string): void {
    this.processes.get(pod)?.();
  }
}
