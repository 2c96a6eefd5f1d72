import { readFileSync, writeFileSync } from 'node:fs';
import type { MachineFacts } from './machine.ts';
import type { Spread } from './stats.ts';

/** The one figure of a benchmark, as printed last. */
export interface Headline {
  readonly bench: string;
  readonly value: number;
  readonly unit: string;
  /** What this control plane can do at best, measured in the same run. */
  readonly ceiling: number;
  /** value / ceiling. */
  readonly ratio: number;
}

/** One operation against the API server by a number of writers. */
export interface Throughput {
  readonly operation: string;
  readonly writers: number;
  readonly perSecond: number;
  readonly ms: Spread;
  /** API server and etcd, per operation. */
  readonly controlPlaneCpuMs: number;
  /** The bench's own client, per operation. */
  readonly clientCpuMs: number;
  readonly foreignCores: number;
}

/** One writer, many watchers: milliseconds from the start of a write until its event was read. */
export interface FanOut {
  readonly watchers: number;
  readonly ms: Spread;
  /** Until the last of the watchers had it. */
  readonly lastMs: Spread;
}

/** What b0 measures. */
export interface CeilingFigures {
  /** The operation whose rate with 16 writers is the headline. */
  readonly headline: string;
  readonly throughput: readonly Throughput[];
  readonly fanOut: readonly FanOut[];
}

/** What b1 measures. Times are in milliseconds; one FlinkDeployment at a time. */
export interface LatencyFigures {
  readonly warmUp: number;
  /** Create request started → first child on a watch. */
  readonly firstChild: Spread;
  /** The same from the create's answer, as the incumbents were measured. */
  readonly firstChildFromAck: Spread;
  readonly firstStatus: Spread;
  /** Until the JobManager pod exists, which takes the Deployment controller and is the least a JobManager waits for. */
  readonly pod: Spread;
  /** The bench makes the same objects itself: ConfigMap and Services first, Deployment last. */
  readonly floorChain: Spread;
  /** The bench makes something and then the Deployment: two requests, the least any operator needs. */
  readonly floorShortest: Spread;
  /** The JobManager begins to answer, its job RUNNING at once → status RUNNING and STABLE. */
  readonly answersToStable: Spread;
  /** A job that was INITIALIZING begins to run → status RUNNING. */
  readonly jobRunningToStatus: Spread;
  /** API requests per resource up to STABLE, polls not among them. */
  readonly requestsPerResource: Readonly<Record<string, number>>;
  readonly writesPerResource: number;
  readonly jobManagerCallsPerResource: number;
  /** Without what the polls of the jobs that run already cost meanwhile, which is measured at rest afterwards. */
  readonly operatorCpuMsPerResource: number;
  readonly controlPlaneCpuMsPerResource: number;
  /** With all of them running and nothing happening. */
  readonly rest: {
    readonly jobs: number;
    readonly seconds: number;
    readonly cpuPercent: number;
    readonly writesPerSecond: number;
    readonly jobManagerCallsPerSecond: number;
    readonly foreignCores: number;
  };
  readonly operator: {
    readonly readyMs: number;
    readonly rssMiBEmpty: number;
    readonly rssMiB: number;
    readonly peakMiB: number;
    /** Of it, JavaScript objects; the rest is Node itself and room kept for more. */
    readonly heapMiB: number;
  };
  readonly foreignCores: number;
}

/** An upgrade storm in one mode. Times are from the first of the edits, which are made at once. */
export interface StormModeFigures {
  readonly mode: 'last-state' | 'savepoint';
  /** Until the last one was STABLE with its new spec. */
  readonly seconds: number;
  /** The same number of Deployments replaced at once by the bench itself. */
  readonly floorSeconds: number;
  /** Until each was STABLE. */
  readonly upgradeMs: Spread;
  /** Jobs that ran twice at once or not exactly one more time, or began from other state than the newest. */
  readonly wrong: number;
  readonly wrongExamples: readonly string[];
  /** From the moment a job runs, or its savepoint is complete, until its status says so. */
  readonly freshnessMs: Spread;
  readonly writesPerUpgrade: number;
  readonly operatorCpuMsPerUpgrade: number;
  readonly controlPlaneCpuMsPerUpgrade: number;
  readonly foreignCores: number;
}

/** What the upgrade storm measures. */
export interface StormFigures {
  readonly jobs: number;
  readonly modes: readonly StormModeFigures[];
}

/** A fleet of FlinkDeployments. Times are in milliseconds unless their name says otherwise. */
export interface FleetFigures {
  readonly jobs: number;
  /** All made at once, by eight creators. */
  readonly burst: {
    /** Clusters whose JobManager pod is bound, from the first create to the last of them. */
    readonly perSecond: number;
    /** The same objects made by the bench itself. */
    readonly floorPerSecond: number;
    readonly boundMs: Spread;
    readonly stableSeconds: number;
    readonly writesEach: number;
    readonly operatorCpuMsEach: number;
    readonly controlPlaneCpuMsEach: number;
    readonly foreignCores: number;
  };
  /** All of them running and nothing happening. */
  readonly rest: {
    readonly seconds: number;
    readonly cpuPercent: number;
    readonly writesPerSecond: number;
    readonly jobManagerCallsPerSecond: number;
    readonly rssMiB: number;
    readonly peakMiB: number;
    readonly foreignCores: number;
  };
  /** The operator started anew: until it is ready, until it asked each JobManager, and what it wrote in three more seconds. */
  readonly restart: {
    readonly readyMs: number;
    readonly lookedAtMs: number;
    readonly writes: number;
    readonly rssMiB: number;
  };
  /** All deleted at once: until the resources and until the pods were gone; the floor are Deployments. */
  /** `floor`: only the Deployments and their pods, without an operator; absent in the foreground where it was not measured. */
  readonly deleteSeconds: {
    readonly resources: number;
    readonly pods: number;
    readonly floor: number;
    readonly foregroundFloor?: number;
  };
}

/** The operator started anew beside resources in which nothing is to be done. Times are in milliseconds. */
export interface SettledFigures {
  readonly resources: number;
  /** The floor: one list of all of them. */
  readonly listMs: number;
  readonly readyMs: number;
  /** From the start of the process until a pass over each had ended. */
  readonly lookedAtMs: number;
  /** Up to five seconds later. */
  readonly writes: number;
  readonly rssMiB: number;
  readonly peakMiB: number;
  readonly foreignCores: number;
}

/** SparkApplications submitted for a time. Times are in milliseconds. */
export interface RateFigures {
  readonly applications: number;
  /** Whose status said RUNNING, from the first create to the last. */
  readonly perSecond: number;
  /** Create request started → driver pod on a watch. */
  readonly driverMs: Spread;
  /** Driver pod running on a watch → status RUNNING on a watch. */
  readonly statusLagMs: Spread;
  /** Of the operator, until the application is COMPLETED. */
  readonly writesPerApplication: number;
  readonly operatorCpuMsPerApplication: number;
  readonly controlPlaneCpuMsPerApplication: number;
  readonly foreignCores: number;
}

/** A load of so many applications a second. */
export interface SteadyFigures extends RateFigures {
  readonly asked: number;
  /** driverMs at the same rate when the bench makes every request of the operator; absent where it was not measured. */
  readonly floorDriverMs?: Spread;
}

/** What b3 measures. */
export interface SparkFigures {
  /** The bench makes resource and objects itself, as many at once as the fastest load has. */
  readonly floorPerSecond: number;
  /** The bench makes every request of the operator, statuses and Events too; absent where it was not measured. */
  readonly writesFloorPerSecond?: number;
  /** As fast as a bounded queue lets it. */
  readonly fastest: RateFigures;
  /** At fixed rates, the lowest first. */
  readonly steady: readonly SteadyFigures[];
  /** API requests of the operator by HTTP method, each, until the status says RUNNING; events among them. */
  readonly requestsToRunning: Readonly<Record<string, number>>;
  /** The operator started anew beside applications that ended: until it is ready, and what it writes in three seconds. */
  readonly restart: { readonly settled: number; readonly readyMs: number; readonly writes: number };
  /** At the end, with all applications there and their pods. */
  readonly memory: { readonly finished: number; readonly rssMiB: number; readonly peakMiB: number };
}

/** What the admission webhook adds to creations, which are dry runs. Times are in milliseconds. */
export interface AdmissionFigures {
  /** With the webhook, and as many without. */
  readonly perSecond: number;
  /** Create request begun → answered. */
  readonly createMs: Spread;
  /** The same by turns in a namespace that it is not asked about. */
  readonly floorMs: Spread;
  readonly operatorCpuMsPerReview: number;
  readonly foreignCores: number;
}

/** The image, and starts of it. */
export interface ImageFigures {
  /** Unpacked: all of it, Node's program, and what Weir releases. */
  readonly imageMiB: number;
  readonly nodeMiB: number;
  readonly weirMiB: number;
  /** Until Node with nothing to do, and `weir version`, have ended. */
  readonly nodeMs: Spread;
  readonly versionMs: Spread;
  /** Until the operator is ready, where nothing is to be done. */
  readonly readyMs: Spread;
  readonly rssMiB: number;
}

/** One benchmark as measured. */
export interface Measured<Figures> {
  readonly headline: Headline;
  readonly machine: MachineFacts;
  readonly figures: Figures;
}

/** The file of results: the latest run of each benchmark. */
export interface Results {
  readonly b0?: Measured<CeilingFigures>;
  readonly b1?: Measured<LatencyFigures>;
  readonly fleet?: Measured<{ readonly fleets: readonly FleetFigures[] }>;
  readonly settled?: Measured<SettledFigures>;
  readonly b3?: Measured<SparkFigures>;
  readonly upgradeStorm?: Measured<StormFigures>;
  readonly admission?: Measured<AdmissionFigures>;
  readonly image?: Measured<ImageFigures>;
}

/** Reads a file of results; one that does not exist holds none. */
export function readResults(path: string): Results {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Replaces what is in the file for the benchmarks given. */
export function writeResults(path: string, results: Results): void {
  writeFileSync(path, `${JSON.stringify({ ...readResults(path), ...results }, undefined, 2)}\n`);
}
