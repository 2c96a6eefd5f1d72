import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settingsOf } from './testing/settings.ts';
import { type SimulatedVertex, type Simulation, type Step, simulate } from './testing/simulated-job.ts';

const linear = (each: number) => (parallelism: number) => each * parallelism;

const SOURCE: SimulatedVertex = { id: 'source', parallelism: 1, capacity: linear(10_000) };
const MAP: SimulatedVertex = { id: 'map', inputs: ['source'], parallelism: 1, capacity: linear(300) };

function live(given: Partial<Simulation> & { readonly options?: Readonly<Record<string, string>> }): readonly Step[] {
  const { options, ...simulation } = given;
  return simulate({
    vertices: [SOURCE, MAP],
    settings: settingsOf(options),
    arrivals: () => 1000,
    minutes: 12 * 60,
    restartSeconds: 60,
    ...simulation,
  });
}

const scalings = (steps: readonly Step[]): readonly Step[] => steps.filter(({ scaled }) => scaled);
const endSize = (steps: readonly Step[], id = 'map'): number => steps.at(-1)?.parallelism[id] ?? 0;

describe('a job in a loop with the autoscaler', () => {
  it('is given what its load takes, and left alone then', () => {
    const steps = live({});
    const [first, ...more] = scalings(steps);
    expect(first?.minute).toBe(20); // 5 minutes to be stable, 15 to be measured
    expect(more.length).toBeLessThanOrEqual(1);
    const used = 1000 / (300 * endSize(steps));
    expect(used).toBeGreaterThan(0.4);
    expect(used).toBeLessThan(0.75);
    expect(steps.at(-1)?.reason).toBe('Balanced');
  });

  it('is rid of its backlog in time after a scaling', () => {
    const backlog = 2_000_000;
    const options = { 'scale-down.interval': '6 h' };
    const steps = live({ backlog, options });
    const [first] = scalings(steps);
    expect(first?.backlog).toBeGreaterThan(backlog);
    const caughtUp = steps.find((step) => step.minute > (first?.minute ?? 0) && step.backlog < 1000);
    expect(caughtUp?.minute).toBeLessThanOrEqual((first?.minute ?? 0) + 1 + 30);
    expect(endSize(live({ backlog, options: { ...options, 'catch-up.duration': '0' } }))).toBeLessThan(endSize(steps));
  });

  it('is scaled down an hour after its load fell, and no lower than its load allows', () => {
    const arrivals = (minute: number) => (minute <= 240 ? 1000 : 300);
    const steps = live({ arrivals, vertices: [SOURCE, { ...MAP, parallelism: 5 }], minutes: 24 * 60 });
    const down = scalings(steps).filter(({ minute }) => minute > 240);
    expect(down[0]?.minute).toBeGreaterThanOrEqual(240 + 60);
    expect(down[0]?.minute).toBeLessThanOrEqual(240 + 60 + 20);
    const used = 300 / (300 * endSize(steps));
    expect(used).toBeGreaterThan(0.4);
    expect(used).toBeLessThan(1);
    expect(endSize(live({ arrivals, vertices: [SOURCE, { ...MAP, parallelism: 5 }], minutes: 290 }))).toBe(5);
  });

  it('is not scaled by a load that goes up and down within the band', () => {
    const arrivals = (minute: number) => 1000 + 250 * Math.sin(minute / 20);
    expect(scalings(live({ arrivals, vertices: [SOURCE, { ...MAP, parallelism: 5 }] }))).toEqual([]);
  });

  it('is not scaled by a load that jumps from minute to minute', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.7, max: 1.4, noNaN: true }), { minLength: 60, maxLength: 60 }),
        (noise) => {
          const arrivals = (minute: number) => 1000 * (noise[minute % noise.length] ?? 1);
          const steps = live({ arrivals, vertices: [SOURCE, { ...MAP, parallelism: 6 }] });
          expect(scalings(steps)).toEqual([]);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('follows a load that falls for less than an hour not at all', () => {
    const arrivals = (minute: number) => (minute % 120 < 40 ? 200 : 1000);
    expect(scalings(live({ arrivals, vertices: [SOURCE, { ...MAP, parallelism: 5 }], minutes: 24 * 60 }))).toEqual([]);
  });

  it('stops at the limit', () => {
    const steps = live({ options: { 'vertex.max-parallelism': '2' } });
    expect(scalings(steps)).toHaveLength(1);
    expect(endSize(steps)).toBe(2);
  });

  it('stops where more brings nothing, if it is to look at that', () => {
    const vertices = [SOURCE, { ...MAP, capacity: () => 300 }];
    const careful = live({ vertices, options: { 'scaling.effectiveness.detection.enabled': 'true' } });
    expect(scalings(careful)).toHaveLength(1);
    const careless = live({ vertices });
    expect(endSize(careless)).toBeGreaterThan(endSize(careful));
    expect(careless.some(({ notes }) => notes.includes('IneffectiveScaling'))).toBe(true);
  });

  it('has every vertex scaled at once for the load that the first of them lets through later', () => {
    const sink: SimulatedVertex = { id: 'sink', inputs: ['map'], parallelism: 1, capacity: linear(150), keyed: true };
    const steps = live({ vertices: [SOURCE, { ...MAP, ratio: 0.5 }, sink] });
    expect(scalings(steps).length).toBeLessThanOrEqual(2);
    expect(1000 / (300 * endSize(steps))).toBeLessThan(0.9);
    expect(500 / (150 * endSize(steps, 'sink'))).toBeLessThan(0.9);
  });

  it('never swings with a steady load', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 20, max: 500 }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('MAX', 'AVG'),
        fc.integer({ min: 10, max: 240 }),
        (tenths, each, parallelism, aggregator, restartSeconds) => {
          const rate = (each * tenths) / 10;
          const vertices = [SOURCE, { ...MAP, parallelism, capacity: linear(each) }];
          const options = { 'metrics.busy-time.aggregator': aggregator };
          const steps = live({ vertices, options, arrivals: () => rate, restartSeconds, minutes: 20 * 60 });
          const done = scalings(steps);
          expect(done.filter(({ minute }) => minute > 10 * 60)).toEqual([]);
          const sizes = [...done, ...steps.slice(-1)].map(({ parallelism: { map } }) => map ?? 0);
          const directions = sizes.slice(1).map((size, index) => Math.sign(size - (sizes[index] ?? 0)));
          const turns = directions.filter((direction, index) => index > 0 && direction !== directions[index - 1]);
          expect(turns.length).toBeLessThanOrEqual(1);
          expect(steps.at(-1)?.backlog).toBeLessThan(rate * 60 + 1);
        },
      ),
      { numRuns: 12 },
    );
  });
});
