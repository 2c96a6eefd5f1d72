import { describe, expect, it } from 'vitest';
import { condensed, excerpt, messagesOf, rootCause } from './stack-trace.ts';

const TRACE = [
  'org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy',
  '\tat org.apache.flink.A.one(A.java:1)',
  '\tat org.apache.flink.A.two(A.java:2)',
  'Caused by: org.apache.flink.ExceptionInChainedOperatorException: Could not forward element to next operator',
  '\tat org.apache.flink.B.one(B.java:1)',
  '\tat org.apache.flink.B.two(B.java:2)',
  'Caused by: java.lang.IllegalStateException: deliberate failure',
  '\tat dev.weir.Job.map(Job.java:7)',
  '\t... 14 more',
].join('\n');

describe('a Java stack trace', () => {
  it('tells the innermost cause', () => {
    expect(rootCause(TRACE)).toBe('java.lang.IllegalStateException: deliberate failure');
    expect(rootCause('java.io.IOException: disk full\n\tat x')).toBe('java.io.IOException: disk full');
    expect(rootCause('')).toBe('');
    expect(rootCause(`Caused by: ${'x'.repeat(900)}`)).toHaveLength(500);
  });

  it('is shown by its first lines and the innermost cause', () => {
    const lines = TRACE.split('\n');
    expect(excerpt(TRACE, 2)).toBe([lines[0], lines[1], lines[6]].join('\n'));
    expect(excerpt(TRACE, 7)).toBe(lines.slice(0, 7).join('\n'));
    expect(excerpt('Boom', 5)).toBe('Boom');
  });

  it('tells the message of each exception, without class and calls', () => {
    expect(messagesOf(TRACE)).toEqual([
      'Recovery is suppressed by NoRestartBackoffTimeStrategy',
      'Could not forward element to next operator',
      'deliberate failure',
    ]);
    const odd =
      'java.lang.Error\n\tat a.B.c(B.java:1)\nCaused by: a.b.C: two\nlines\n\tat d.E.f(E.java:2)\n\t... 4 more';
    expect(messagesOf(odd)).toEqual(['', 'two\nlines']);
    expect(messagesOf('disk full: no space')).toEqual(['disk full: no space']);
  });

  it('keeps its causes when it is made shorter', () => {
    const lines = TRACE.split('\n');
    expect(condensed(TRACE, 1, 8192)).toBe([0, 1, 3, 4, 6, 7].map((index) => lines[index]).join('\n'));
    expect(condensed(TRACE, 9, 8192)).toBe(TRACE);
    const short = condensed(TRACE, 9, 200);
    expect(short).toHaveLength(200);
    expect(rootCause(short)).toBe('java.lang.IllegalStateException: deliberate failure');
    expect(condensed('x'.repeat(900), 5, 100)).toHaveLength(100);
  });
});
