import { describe, expect, it } from 'vitest';
import { imageSettings } from './operator.ts';
import { parseGivenImage } from './stage.ts';
import { until } from './until.ts';

describe('waiting', () => {
  it('looks until it is done', async () => {
    const looks = ['no', 'not yet', 'yes'];
    const look = async () => {
      const seen = looks.shift() ?? '';
      return seen === 'yes' ? { done: seen } : { not: seen };
    };
    expect(await until('a yes', look, { everyMs: 1 })).toBe('yes');
    expect(looks).toEqual([]);
  });

  it('names what was waited for and how things stood last', async () => {
    const look = async () => ({ not: 'RECONCILING' });
    await expect(until('the job to run', look, { timeoutMs: -1 })).rejects.toThrow(
      'waited 0 s for the job to run; last seen: RECONCILING',
    );
  });

  it('takes a look that fails for one that found nothing yet', async () => {
    const look = async () => Promise.reject(new Error('connection refused'));
    await expect(until('an answer', look, { timeoutMs: -1 })).rejects.toThrow('last seen: connection refused');
  });

  it('gives up when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(until('nothing', async () => ({ not: 'x' }), { signal })).rejects.toThrow('interrupted');
  });
});

describe('images given instead of built ones', () => {
  it('are collected by name, digests and ports included', () => {
    const first = parseGivenImage('weir=registry:5000/weir@sha256:ab');
    expect(parseGivenImage('flink-2.3.0=flink:2.3', first)).toEqual({
      weir: 'registry:5000/weir@sha256:ab',
      'flink-2.3.0': 'flink:2.3',
    });
  });

  it.each([
    ['localhost/weir:1', { 'image.repository': 'localhost/weir', 'image.tag': '1' }],
    ['registry:5000/weir', { 'image.repository': 'registry:5000/weir', 'image.tag': '' }],
    ['weir@sha256:ab', { 'image.repository': 'weir', 'image.tag': '', 'image.digest': 'sha256:ab' }],
  ])('become values of the chart: %s', (reference, values) => {
    expect(imageSettings(reference)).toEqual(values);
  });

  it.each(['flink=a', 'weir', 'weir=', ''])('refuses %j', (text) => {
    expect(() => parseGivenImage(text)).toThrow('not an image');
  });
});
