import { decideScaling } from '../decide.ts';
import { type AutoscalerState, NO_STATE, type Reading, type RunningJob, type ScalingReason } from '../model.ts';
import type { AutoscalerSettings } from '../settings.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STEP_SECONDS = 20;

/** A vertex of a simulated job; the first of a job is its only source. */
export interface SimulatedVertex {
  readonly id: string;
  readonly inputs?: readonly string[];
  /** Records a second it can do with a parallelism. */
  readonly capacity: (parallelism: number) => number;
  /** Records it gives to each output for one that it takes in. */
  readonly ratio?: number;
  readonly parallelism: number;
  readonly keyed?: boolean;
  readonly partitions?: number;
}

/** A job in a loop with the autoscaler. */
export interface Simulation {
  /** Each after its inputs. */
  readonly vertices: readonly SimulatedVertex[];
  readonly settings: AutoscalerSettings;
  /** Records a second that come to the source at a minute. */
  readonly arrivals: (minute: number) => number;
  readonly minutes: number;
  readonly restartSeconds: number;
  /** Records that wait at the start. */
  readonly backlog?: number;
}

/** One look at it, at a minute. */
export interface Step {
  readonly minute: number;
  readonly parallelism: Readonly<Record<string, number>>;
  readonly backlog: number;
  readonly reason: ScalingReason;
  readonly scaled: boolean;
  readonly notes: readonly string[];
}

/** The life of a job: every minute it is read, and scaled as is decided; a scaling stops it for a while. */
export function simulate(simulation: Simulation): readonly Step[] {
  const job = new SimulatedJob(simulation);
  const steps: Step[] = [];
  for (let minute = 1; minute <= simulation.minutes; minute += 1) {
    job.run(MINUTE, simulation.arrivals(minute));
    if (!job.isRunning()) continue;
    const { why, wanted, notes } = job.look();
    const { parallelism, backlog } = job;
    const told = notes.map(({ reason }) => reason);
    steps.push({
      minute,
      parallelism: { ...parallelism },
      backlog,
      reason: why.reason,
      scaled: wanted !== undefined,
      notes: told,
    });
    if (wanted !== undefined) job.restart(wanted);
  }
  return steps;
}

/** Records flow evenly: the source reads what is there, as fast as the slowest vertex behind it lets it. */
class SimulatedJob {
  parallelism: Record<string, number>;
  backlog: number;
  readonly #simulation: Simulation;
  #state: AutoscalerState = NO_STATE;
  #at = 0;
  #runningSince = 0;
  #sourceRate = 0;
  #counted = new Map<string, { in: number; out: number; busyMs: number }>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.backlog = simulation.backlog ?? 0;
    this.parallelism = Object.fromEntries(simulation.vertices.map(({ id, parallelism }) => [id, parallelism]));
  }

  isRunning(): boolean {
    return this.#at > this.#runningSince;
  }

  run(ms: number, arriving: number): void {
    for (let passed = 0; passed < ms; passed += STEP_SECONDS * SECOND) {
      this.#at += STEP_SECONDS * SECOND;
      this.backlog += arriving * STEP_SECONDS;
      this.#sourceRate = this.isRunning() ? Math.min(this.backlog / STEP_SECONDS, this.#mostTheSourceCan()) : 0;
      this.backlog = Math.max(0, this.backlog - this.#sourceRate * STEP_SECONDS);
      for (const { id } of this.#simulation.vertices) this.#count(id);
    }
  }

  look() {
    const decision = decideScaling({
      settings: this.#simulation.settings,
      job: this.#job(),
      reading: this.#reading(),
      state: this.#state,
    });
    this.#state = decision.state;
    return decision;
  }

  restart(wanted: ReadonlyMap<string, number>): void {
    this.parallelism = Object.fromEntries(wanted);
    this.#runningSince = this.#at + this.#simulation.restartSeconds * SECOND;
    this.#counted = new Map();
  }

  /** Records of a vertex for each that the source reads. */
  #share(id: string): number {
    const { inputs = [] } = this.#vertex(id);
    return inputs.length === 0
      ? 1
      : inputs.reduce((sum, input) => sum + this.#share(input) * (this.#vertex(input).ratio ?? 1), 0);
  }

  #vertex(id: string): SimulatedVertex {
    const found = this.#simulation.vertices.find((vertex) => vertex.id === id);
    if (found === undefined) throw new Error(`no vertex ${id}`);
    return found;
  }

  #capacity(id: string): number {
    return this.#vertex(id).capacity(this.parallelism[id] ?? 1);
  }

  #mostTheSourceCan(): number {
    return Math.min(...this.#simulation.vertices.map(({ id }) => this.#capacity(id) / this.#share(id)));
  }

  #busy(id: string): number {
    return (this.#sourceRate * this.#share(id)) / this.#capacity(id);
  }

  #count(id: string): void {
    const before = this.#counted.get(id) ?? { in: 0, out: 0, busyMs: 0 };
    const taken = this.#sourceRate * this.#share(id) * STEP_SECONDS;
    this.#counted.set(id, {
      in: before.in + taken,
      out: before.out + taken * (this.#vertex(id).ratio ?? 1),
      busyMs: before.busyMs + this.#busy(id) * STEP_SECONDS * SECOND * (this.parallelism[id] ?? 1),
    });
  }

  #job(): RunningJob {
    const vertices = this.#simulation.vertices.map(({ id, inputs = [], keyed = false }) => ({
      id,
      name: id,
      parallelism: this.parallelism[id] ?? 1,
      maxParallelism: 128,
      inputs: inputs.map((input) => ({ id: input, shipStrategy: keyed ? 'HASH' : 'REBALANCE' })),
      finished: false,
    }));
    return { runningSince: this.#runningSince, vertices, taskManager: { slots: 2, cpu: 1, memoryBytes: 2 ** 31 } };
  }

  #reading(): Reading {
    const held = this.#sourceRate >= this.#mostTheSourceCan() - 1e-9;
    const vertices = new Map(
      this.#simulation.vertices.map(({ id, inputs = [], partitions }) => {
        const counted = this.#counted.get(id) ?? { in: 0, out: 0, busyMs: 0 };
        const busy = this.#busy(id) * 1000;
        const task = {
          busyMsPerSecond: { min: busy, max: busy, avg: busy },
          backPressuredMsPerSecond: held ? Math.max(0, 1000 - busy) : 0,
          recordsIn: inputs.length === 0 ? 0 : counted.in,
          recordsOut: counted.out,
          accumulatedBusyMs: counted.busyMs,
          recordsInPerSecond: this.#sourceRate * this.#share(id),
        };
        const source = {
          recordsIn: counted.in,
          recordsInPerSecond: this.#sourceRate,
          recordsOut: counted.out,
          pendingRecords: this.backlog,
          partitions,
        };
        return [id, inputs.length === 0 ? { ...task, source } : task] as const;
      }),
    );
    return { at: this.#at, vertices };
  }
}
