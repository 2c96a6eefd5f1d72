import { describe, expect, it } from 'vitest';
import { lastWords, withoutCalls } from './last-words.ts';

describe('lastWords', () => {
  it.each<[string, string[], string | undefined]>([
    ['nothing', [''], undefined],
    [
      'a line of a shell',
      ['', './run.sh: line 5: spark: command not found', ''],
      './run.sh: line 5: spark: command not found',
    ],
    [
      'the innermost cause of a Java exception',
      [
        'java.lang.RuntimeException: cannot start',
        '\tat org.example.Main.main(Main.java:4)',
        'Caused by: java.io.IOException: no such bucket',
        '\tat org.example.Store.open(Store.java:9)',
        '\t... 8 more',
      ],
      'java.io.IOException: no such bucket',
    ],
    [
      "the first line of Log4j's %rEx, which begins with the innermost",
      [
        "java.io.IOException: JAR file does not exist '/opt/app.jar'",
        '\tat org.apache.flink.util.JarUtils.checkJarFile(JarUtils.java:46)',
        'Wrapped by: org.apache.flink.util.FlinkException: Could not load the provided entrypoint class.',
        'Could not create application program.',
      ],
      "java.io.IOException: JAR file does not exist '/opt/app.jar'",
    ],
    [
      'what ended a thread, with what was written before and behind it',
      [
        'el=1 -XX:-BytecodeVerificationRemote',
        'WARNING: Using incubator modules: jdk.incubator.vector',
        'Exception in thread "main" java.nio.file.NoSuchFileException: /opt/app.jar',
        '\tat java.base/sun.nio.fs.UnixException.translateToIOException(Unknown Source)',
        '26/11/29 12:43:06 INFO ShutdownHookManager: Shutdown hook called',
      ],
      'java.nio.file.NoSuchFileException: /opt/app.jar',
    ],
    [
      'the end of a Python traceback',
      ['Traceback (most recent call last):', '  File "pi.py", line 4, in <module>', "KeyError: 'table'"],
      "KeyError: 'table'",
    ],
    [
      'what Java threw below Python',
      [
        'py4j.protocol.Py4JJavaError: An error occurred while calling o70.count.',
        ': org.apache.spark.SparkException: Job aborted',
      ],
      'org.apache.spark.SparkException: Job aborted',
    ],
    [
      'a class that spark-submit does not find',
      ['Error: Failed to load class org.example.Nope.', 'bye'],
      'Error: Failed to load class org.example.Nope.',
    ],
    ['an exception without a message', ['java.lang.StackOverflowError', 'bye'], 'java.lang.StackOverflowError'],
  ])('%s', (_name, lines, expected) => {
    expect(lastWords(lines.join('\n'))).toBe(expected);
  });

  it('is one line that fits into a condition', () => {
    expect(lastWords(`Error: ${'x'.repeat(5000)}`)).toHaveLength(1000);
  });
});

it('leaves calls of stack traces out, and nothing else', () => {
  expect(withoutCalls('a\n\tat b.C.d(C.java:1)\n\t... 3 more\n  at work\nend\n')).toBe('a\n  at work\nend');
});
