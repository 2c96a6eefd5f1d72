/** How Java introduces what an exception was caused by. */
const CAUSE = 'Caused by: ';

/** Longest cause that is told in one line. */
const MAX_CAUSE = 500;

/**
 * What really went wrong, in one line: the innermost cause of a Java stack trace. Flink wraps what user code throws in
 * exceptions of its own ("Recovery is suppressed by …"), so the first line says little.
 */
export function rootCause(trace: string): string {
  const lines = trace.split('\n');
  const innermost = lines
    .filter((line) => line.startsWith(CAUSE))
    .at(-1)
    ?.slice(CAUSE.length);
  return (innermost ?? lines[0] ?? '').slice(0, MAX_CAUSE);
}

/** The messages of the exceptions in a Java stack trace, the outermost first, without what is said of where they happened. */
export function messagesOf(trace: string): readonly string[] {
  const said = trace.split('\n').filter((line) => !CALL.test(line));
  return said
    .join('\n')
    .split(new RegExp(`^${CAUSE}`, 'm'))
    .map((text) => text.trimEnd().replace(CLASS, ''));
}

/** A line that says where: a call, or how many calls are left out. */
const CALL = /^\s+(at |\.\.\. \d+ )/;

/** The name of an exception's class, before its message. */
const CLASS = /^[\w$]+(\.[\w$]+)+(:\s|:?$)/;

/** The first lines of a stack trace, and the innermost cause behind them if they do not hold it. */
export function excerpt(trace: string, count: number): string {
  const lines = trace.split('\n');
  const innermost = lines.findLastIndex((line) => line.startsWith(CAUSE));
  const shown = lines.slice(0, count);
  return [...shown, ...(innermost >= count ? [lines[innermost]] : [])].join('\n');
}

/**
 * A stack trace with at most `frames` calls of the outermost exception and of each cause, and at most `length`
 * characters: what is cut are calls first, and only then causes in the middle.
 */
export function condensed(trace: string, frames: number, length: number): string {
  let calls = 0;
  const kept = trace.split('\n').filter((line) => {
    calls = /^\s/.test(line) ? calls + 1 : 0;
    return calls <= frames;
  });
  const short = kept.join('\n');
  if (short.length <= length) return short;
  const end = kept.slice(kept.findLastIndex((line) => line.startsWith(CAUSE))).join('\n');
  return `${short.slice(0, Math.max(0, length - end.length - 1))}\n${end}`.slice(0, length);
}
