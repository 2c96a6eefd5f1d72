import { describe, expect, it } from 'vitest';
import { classifyRefusal, isNoSuchObject } from './classify-failure.ts';

const notFound = JSON.stringify({ kind: 'Status', reason: 'NotFound', message: 'things.test "a" not found' });

describe('an answer of 404', () => {
  it('is about the object where the API server gives a reason, and about its kind where it gives none', () => {
    const answered = (body: string): unknown => classifyRefusal({ what: 'get Thing a', status: 404, body, now: 0 });
    expect(isNoSuchObject(answered(notFound))).toBe(true);
    expect(isNoSuchObject(answered('404 page not found\n'))).toBe(false);
    expect(isNoSuchObject(classifyRefusal({ what: 'get Thing a', status: 403, body: notFound, now: 0 }))).toBe(false);
    expect(isNoSuchObject(new Error('connection reset'))).toBe(false);
  });
});
