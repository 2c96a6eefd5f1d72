/** A line that says where: a call of a Java stack trace, or how many calls are left out. */
const CALL = /^\s+(at \S+\(|\.\.\. \d+ more)/;

/**
 * A line that begins an exception, with the exception behind what introduces it: Throwable.printStackTrace, the default
 * handler of threads, Py4J, and the last line of a Python traceback.
 */
const EXCEPTION =
  /^(?:Caused by: |Exception in thread "[^"]*" |: )?((?:[\w$]+\.)+[A-Z][\w$]*|\w*(?:Error|Exception))(?=:|$)/;

/** How Log4j's %rEx introduces an outer exception: it tells the innermost first. */
const WRAPPED = 'Wrapped by: ';

/** Longest line that is told. */
const MAX_LINE = 1000;

/** A text without the calls of Java's stack traces, which would leave no room for what was thrown. */
export function withoutCalls(text: string): string {
  return text
    .split('\n')
    .filter((line) => !CALL.test(line))
    .join('\n')
    .trim();
}

/**
 * Why a program ended, in one line of at most 1000 characters, from the end of its log or its termination message: the
 * innermost cause of the last exception, else the last line. Undefined when it said nothing.
 */
export function lastWords(text: string): string | undefined {
  const lines = withoutCalls(text)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const innermostFirst = lines.some((line) => line.startsWith(WRAPPED));
  const thrown = innermostFirst ? lines[0] : lines.findLast((line) => EXCEPTION.test(line));
  const line = thrown ?? lines.at(-1);
  return line?.replace(/^(?:Caused by: |Exception in thread "[^"]*" |: )/, '').slice(0, MAX_LINE);
}
