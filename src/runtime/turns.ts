/** Bounds how much is done at once, and says who comes next. */
export interface Turns {
  /** How many are being done. */
  readonly running: number;
  /** Does the work as soon as it is its turn; resolves or rejects with it. Lane 0 goes before lane 1, and so on. */
  take<T>(lane: number, work: () => Promise<T>): Promise<T>;
}

/** So often the longest waiting comes next, whatever its lane: a full lane delays those after it, and never stops them. */
const FAIR_EVERY = 4;

interface Waiting {
  readonly order: number;
  readonly begin: () => void;
}

/** Turns of which at most `limit` run at once, in `lanes` lanes, each first come, first served. */
export function createTurns(limit: number, lanes: number): Turns {
  const waiting: Waiting[][] = Array.from({ length: lanes }, () => []);
  let running = 0;
  let order = 0;
  let served = 0;
  const beginNext = (): void => {
    const lane =
      served++ % FAIR_EVERY === FAIR_EVERY - 1 ? oldestOf(waiting) : waiting.find(({ length }) => length > 0);
    lane?.shift()?.begin();
  };
  return {
    get running() {
      return running;
    },
    async take(lane, work) {
      if (running < limit) running++;
      else await new Promise<void>((begin) => laneOf(waiting, lane).push({ order: order++, begin }));
      try {
        return await work();
      } finally {
        // Whoever waits takes over the place of the one that ends.
        if (waiting.some(({ length }) => length > 0)) beginNext();
        else running--;
      }
    },
  };
}

function laneOf(waiting: readonly Waiting[][], lane: number): Waiting[] {
  const found = waiting[lane];
  if (found === undefined) throw new Error(`there is no lane ${lane}`);
  return found;
}

function oldestOf(waiting: readonly Waiting[][]): Waiting[] | undefined {
  const age = (lane: readonly Waiting[]): number => lane[0]?.order ?? Number.POSITIVE_INFINITY;
  return waiting.reduce((oldest, lane) => (age(lane) < age(oldest) ? lane : oldest));
}
