import type { SparkScenario, SparkStep } from '../scenario.ts';
import { byRun, create, FAILS, life, newImage, REST, RUNS, retries, WORKS, wait } from './steps.ts';

const HOUR_MS = 3_600_000;

/** The wall clock of the operator jumps while an application is at something that waits. */
export const CLOCK_LIVES: readonly SparkScenario[] = [1, -1].flatMap((hours) => {
  const jump: SparkStep = { name: 'set the clock', act: (stage) => stage.skewClock(hours * HOUR_MS), until: REST };
  const clock = `clock set ${hours < 0 ? 'back' : 'ahead'}`;
  return [
    life(
      `${clock} while it runs, then edited`,
      {},
      { steps: [create(RUNS), jump, newImage()], runs: 2, state: 'COMPLETED' },
    ),
    life(`${clock} while it is retried`, retries(3, { onFailureRetryInterval: 30 }), {
      steps: [create(20_000), jump, wait(hours < 0 ? HOUR_MS + 60_000 : 60_000), wait()],
      spark: { program: byRun(FAILS, WORKS) },
      runs: 2,
      state: 'COMPLETED',
    }),
    life(
      `${clock} before its time to live is over`,
      { timeToLiveSeconds: 600 },
      {
        steps: [create(), jump, wait(hours < 0 ? HOUR_MS + 700_000 : 700_000), wait()],
        runs: 1,
        state: undefined,
      },
    ),
  ];
});
