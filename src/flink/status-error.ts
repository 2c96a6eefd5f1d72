import { type Fact, knownValue } from '../core/fact.ts';
import { remembered } from '../lib/remembered.ts';
import type { OperatorDefaults } from './conf/layers.ts';
import type { JobManagerAnswer } from './observed.ts';
import { GUARD_OPTIONS } from './options/operator-table.ts';
import { flatOption } from './options/read.ts';
import { messagesOf } from './stack-trace.ts';

/** An error as a status tells it: a word for programs and a sentence for people. */
export interface StatusError {
  readonly type: string;
  readonly message: string;
}

/** What an error is told with. */
interface Told {
  readonly defaults: OperatorDefaults;
  readonly status: { readonly error?: string | undefined } | undefined;
}

/** Errors of the job itself, with which its JobManager tells a stack trace. */
const OF_JOB = ['JobFailed', 'JobException'];

/** The error of a resource that has a job, by what its JobManager says of that. */
export function jobErrorText(
  error: StatusError,
  { observed, ...told }: Told & { readonly observed: { readonly rest: Fact<JobManagerAnswer> } },
): string {
  const trace = knownValue(observed.rest)?.job?.exception?.stackTrace;
  return errorText(error, told, OF_JOB.includes(error.type) ? trace : undefined);
}

/**
 * status.error as JSON: type, message, and in `additionalMetadata.labels` the labels of exception.label.mapper whose pattern is
 * found in the message, or in one of the exceptions of `trace` (the place and rule of the Flink Kubernetes Operator 1.15,
 * FlinkResourceExceptionUtils). An error that is told again without its trace keeps its labels.
 */
export function errorText({ type, message }: StatusError, { defaults, status }: Told, trace?: string): string {
  const error = { type, message };
  const plain = JSON.stringify(error);
  const before = status?.error;
  if (trace === undefined && before?.startsWith(`${plain.slice(0, -1)},"additionalMetadata"`)) return before;
  const messages = [message, ...(trace === undefined ? [] : messagesOf(trace))];
  const labels = labelsIn(defaults.flinkConfiguration)
    .filter(({ pattern }) => messages.some((text) => pattern.test(text)))
    .map(({ label }) => label);
  return labels.length === 0 ? plain : JSON.stringify({ ...error, additionalMetadata: { labels } });
}

const labelsIn = remembered((configuration: OperatorDefaults['flinkConfiguration']) =>
  flatOption(new Map(Object.entries(configuration)), GUARD_OPTIONS.exceptionLabels),
);
