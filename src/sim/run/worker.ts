import { parentPort } from 'node:worker_threads';
import type { Outcome } from './life.ts';
import { lifeNamed } from './lives.ts';
import type { Plan } from './plan.ts';
import type { Violation } from './scenario.ts';

/** One life to be lived by a thread; `calm` is the end of the undisturbed life. */
export interface WorkerTask {
  readonly plan: Plan;
  readonly calm: readonly string[] | undefined;
}

/** What came of it. */
export type WorkerAnswer = Pick<Outcome, 'violations' | 'end' | 'counts'>;

/** Lives one plan. What is thrown is a violation too. */
export async function livePlan({ plan, calm }: WorkerTask): Promise<WorkerAnswer> {
  try {
    const { violations, end, counts } = await lifeNamed(plan.scenario).live(plan, calm);
    return { violations, end, counts };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const violations: Violation[] = [{ rule: 'error', text: text.slice(0, 1000) }];
    return {
      violations,
      end: [],
      counts: { write: 0, read: 0, watch: 0, event: 0, rest: 0, fetch: 0, restEffects: [] },
    };
  }
}

parentPort?.on('message', async (task: WorkerTask) => parentPort?.postMessage(await livePlan(task)));
