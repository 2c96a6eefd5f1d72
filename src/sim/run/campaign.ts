import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Fault } from '../kube/faults.ts';
import { type Counts, type Plan, planText, singleFaults } from './plan.ts';
import type { Violation } from './scenario.ts';
import type { WorkerAnswer, WorkerTask } from './worker.ts';

/** A plan whose run broke rules. */
export interface Finding {
  readonly plan: Plan;
  readonly violations: readonly Violation[];
}

/** What a campaign came to. */
export interface CampaignResult {
  readonly plans: number;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/** How much of the campaign is run. */
export interface CampaignOptions {
  readonly scenarios: readonly { readonly name: string }[];
  readonly seed: number;
  /** No plan is begun after this many milliseconds. */
  readonly limitMs?: number;
  /** Of a scenario's faults only every n-th, spread by the seed; all unless given. */
  readonly every?: (scenario: string) => number;
  /** What strikes together in each life, by the uses of the doors in a calm one; every single fault unless given. */
  readonly disturbances?: (counts: Counts) => readonly (readonly Fault[])[];
  /** Told after each scenario's calm run and at each finding. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Lives each scenario once undisturbed and then once under each single fault, on all cores. A scenario whose calm life
 * breaks a rule is a finding by itself and is not disturbed.
 */
export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const {
    scenarios,
    seed,
    limitMs = Number.POSITIVE_INFINITY,
    every = () => 1,
    disturbances = (counts) => singleFaults(counts).map((fault) => [fault]),
    onProgress = () => undefined,
  } = options;
  const started = performance.now();
  const findings: Finding[] = [];
  let plans = 0;
  const queue = createQueue(
    scenarios.map(({ name }) => ({ plan: { scenario: name, seed, faults: [] }, calm: undefined })),
  );
  const done = (task: WorkerTask, answer: WorkerAnswer): void => {
    plans += 1;
    if (answer.violations.length > 0) {
      findings.push({ plan: task.plan, violations: answer.violations });
      onProgress(findingText({ plan: task.plan, violations: answer.violations }));
    } else if (task.calm === undefined) {
      const step = every(task.plan.scenario);
      const chosen = disturbances(answer.counts).filter((_, index) => (index + seed) % step === 0);
      onProgress(`${task.plan.scenario}: ${chosen.length} plans`);
      queue.add(chosen.map((faults) => ({ plan: { ...task.plan, faults }, calm: answer.end })));
    }
    queue.done(performance.now() - started > limitMs);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, () => work(queue, done)));
  return { plans, findings, seconds: (performance.now() - started) / 1000 };
}

/** A finding in a few lines, the first of which replays it. */
export function findingText({ plan, violations }: Finding): string {
  const lines = violations.slice(0, 4).map(({ rule, text }) => `  ${rule}: ${text}`);
  return [`--plan '${planText(plan)}'`, ...lines].join('\n');
}

interface Queue {
  add(tasks: readonly WorkerTask[]): void;
  /** A task that was taken has ended; `enough` empties the queue. */
  done(enough: boolean): void;
  /** Waits while other threads may still add tasks; undefined when there will be none any more. */
  next(): Promise<WorkerTask | undefined>;
}

function createQueue(tasks: WorkerTask[]): Queue {
  const waiting: (() => void)[] = [];
  let taken = 0;
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return {
    add: (more) => void tasks.push(...more),
    done(enough) {
      taken -= 1;
      if (enough) tasks.length = 0;
      wake();
    },
    async next() {
      while (tasks.length === 0 && taken > 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const task = tasks.shift();
      if (task !== undefined) taken += 1;
      return task;
    },
  };
}

/** Of the objects of a life most are garbage at once: with more room for young ones they are not looked at in between. */
const YOUNG_MB = 192;

/** One thread: takes tasks until there are none, and none can come any more. */
async function work(queue: Queue, done: (task: WorkerTask, answer: WorkerAnswer) => void): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  try {
    for (let task = await queue.next(); task !== undefined; task = await queue.next()) {
      done(task, await ask(worker, task));
    }
  } finally {
    await worker.terminate();
  }
}

function ask(worker: Worker, task: WorkerTask): Promise<WorkerAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WorkerAnswer>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.postMessage(task);
  return promise.finally(() => worker.off('message', resolve).off('error', reject));
}
