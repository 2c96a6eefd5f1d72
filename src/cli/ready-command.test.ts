import { describe, expect, it } from 'vitest';
import { EXIT } from './exit.ts';
import { type ReadyParts, readyCommand } from './ready-command.ts';

type Answer = Awaited<ReturnType<ReadyParts['ask']>> | Error;

/** Runs the command against answers given one after another, the last for ever, in time that pauses alone move. */
async function ready(args: readonly string[], answers: readonly Answer[]): Promise<{ out: string; asked: number }> {
  let [time, asked] = [0, 0];
  const lines: string[] = [];
  const parts: ReadyParts = {
    ask: () => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      return answer instanceof Error || answer === undefined ? Promise.reject(answer) : Promise.resolve(answer);
    },
    now: () => time,
    pause: async (ms) => {
      time += ms;
    },
  };
  const io = { out: (text: string) => void lines.push(text), err: () => undefined, color: false };
  await readyCommand(io, parts)
    .exitOverride()
    .parseAsync([...args], { from: 'user' });
  return { out: lines.join(''), asked };
}

const url = 'http://weir-metrics.ops:8080/readyz';
const notYet = { status: 503, body: 'the cache of Pod has not synced\n' };

describe('weir ready', () => {
  it('asks until the answer is 200', async () => {
    const answers = [new Error('connect ECONNREFUSED'), notYet, { status: 200, body: 'ok' }];
    expect(await ready([url], answers)).toEqual({ out: `${url} is ready\n`, asked: 3 });
  });

  it('gives up with the last answer', async () => {
    const waiting = ready([url, '--timeout', '2s'], [notYet]);
    await expect(waiting).rejects.toThrow(`${url} is not ready after 2s: 503 the cache of Pod has not synced`);
  });

  it('says why there was no answer, and ends as what was not within the time', async () => {
    const unasked = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:8080') });
    await expect(ready([url, '--timeout', '1s'], [unasked])).rejects.toMatchObject({
      message: `${url} is not ready after 1s: fetch failed: connect ECONNREFUSED 127.0.0.1:8080`,
      code: EXIT.timeout,
    });
  });

  it('names a duration or an address that is none', async () => {
    await expect(ready([url, '--timeout', 'soon'], [notYet])).rejects.toThrow('--timeout: "soon" is not valid');
    await expect(ready(['weir'], [notYet])).rejects.toThrow('<url>: "weir" is not valid');
    await expect(ready(['localhost:8080'], [notYet])).rejects.toThrow('<url>: "localhost:8080" is not valid');
  });
});
