import { describe, expect, it } from 'vitest';
import { createPacing, type Pacing } from './pacing.ts';
import { createManualTime } from './testing/manual-time.ts';

/** A pacing whose keys ask again as soon as they may, and what began in which order. */
function paced(busy: () => boolean = () => false) {
  const time = createManualTime();
  const pacing: Pacing = createPacing({ time, busy });
  const begun: string[] = [];
  const ask = (key: string): void => {
    if (!pacing.holds(key, true, () => ask(key))) begun.push(key);
  };
  return { time, pacing, begun, ask };
}

describe('a pacing', () => {
  it('lets one begin at once and those after it in order, one at a time', async () => {
    const { time, begun, ask } = paced();
    for (const key of ['a', 'b', 'c']) ask(key);
    expect(begun).toEqual(['a']);
    await time.advance(40);
    expect(begun).toEqual(['a', 'b']);
    await time.advance(40);
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(time.timers).toBe(0);
  });

  it('never lets one pass that waits already', async () => {
    const { time, begun, ask } = paced();
    for (const key of ['a', 'b']) ask(key);
    await time.advance(39);
    ask('c');
    await time.advance(1_000);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('lets one begin now and then while there is too much to do', async () => {
    let busy = false;
    const { time, begun, ask } = paced(() => busy);
    for (const key of ['a', 'b', 'c', 'd']) ask(key);
    busy = true;
    await time.advance(960);
    expect(begun).toEqual(['a']);
    await time.advance(40);
    expect(begun).toEqual(['a', 'b']);
    busy = false;
    await time.advance(80);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('holds nobody who does not want to begin, and keeps no turn for one who wants no more', async () => {
    const { time, pacing, begun, ask } = paced();
    for (const key of ['a', 'b', 'c']) ask(key);
    expect(pacing.holds('b', false, () => begun.push('b asked'))).toBe(false);
    expect([...pacing.keys()]).toEqual(['c']);
    await time.advance(40);
    expect(begun).toEqual(['a', 'c']);
  });

  it('forgets who is gone, and everybody when it stops', async () => {
    const { time, pacing, begun, ask } = paced();
    for (const key of ['a', 'b', 'c']) ask(key);
    pacing.forget('b');
    pacing.stop();
    expect([[...pacing.keys()], time.timers]).toEqual([[], 0]);
    await time.advance(1_000);
    expect(begun).toEqual(['a']);
  });
});
