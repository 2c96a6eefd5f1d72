import { parseFlinkDuration } from '../../lib/duration.ts';
import { adaptiveOf, overridesOf, type Schedule, widest } from './adaptive.ts';
import { type CodeRef, type JobCode, operatorId } from './code.ts';
import { isOn, type Options, optionOf } from './conf.ts';

/** A job as it is submitted: what high availability stores and a later JobManager runs again. */
export interface JobGraph extends Schedule {
  readonly jobId: string;
  readonly name: string;
  readonly code: JobCode;
  readonly ref: CodeRef;
  readonly restorePath: string | undefined;
  readonly allowNonRestoredState: boolean;
  readonly checkpointing: Checkpointing;
  /** Whether a failed task makes the job start over rather than fail. */
  readonly restarts: boolean;
}

/** How a job takes checkpoints. */
export interface Checkpointing {
  /** Undefined: only when asked. */
  readonly intervalMs: number | undefined;
  readonly retained: number;
  readonly externalized: 'RETAIN_ON_CANCELLATION' | 'DELETE_ON_CANCELLATION' | 'NO_EXTERNALIZED_CHECKPOINTS';
  /** Undefined: in the JobManager's memory, with no path. */
  readonly folder: string | undefined;
  readonly savepointFolder: string | undefined;
}

/** How a JobManager is told to start its job: by options, or in standalone mode by arguments that win over them. */
export interface JobStart {
  readonly jobId: string | undefined;
  readonly restorePath: string | undefined;
  readonly allowNonRestoredState: boolean;
  readonly programArgs: readonly string[];
}

const JOB_ID = '$internal.pipeline.job-id';
const RESTORE = ['execution.state-recovery.path', 'execution.savepoint.path'] as const;
const UNCLAIMED = [
  'execution.state-recovery.ignore-unclaimed-state',
  'execution.savepoint.ignore-unclaimed-state',
] as const;

/** What the options say, and the arguments of StandaloneApplicationClusterEntryPoint. */
export function jobStart(options: Options, args: readonly string[]): JobStart {
  const argument = (name: string, short: string): string | undefined => {
    const at = args.findIndex((arg) => arg === name || arg === short);
    return at < 0 ? undefined : args[at + 1];
  };
  return {
    jobId: argument('--job-id', '-jid') ?? optionOf(options, JOB_ID),
    restorePath: argument('--fromSavepoint', '-s') ?? optionOf(options, ...RESTORE),
    allowNonRestoredState:
      args.includes('--allowNonRestoredState') || args.includes('-n') || isOn(options, ...UNCLAIMED),
    programArgs: args[0] === 'standalone-job' ? programArguments(args) : optionArguments(options),
  };
}

function optionArguments(options: Options): readonly string[] {
  const text = optionOf(options, '$internal.application.program-args');
  return text === undefined ? [] : text.split(';');
}

const WITH_VALUE = ['--job-classname', '-j', '--fromSavepoint', '-s', '--job-id', '-jid', '-D', '--configDir'];
const FLAGS = ['standalone-job', '--allowNonRestoredState', '-n'];

function programArguments(args: readonly string[]): readonly string[] {
  const own: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (WITH_VALUE.includes(arg)) at += 1;
    else if (!FLAGS.includes(arg)) own.push(arg);
  }
  return own;
}

/** The graph the main method makes. */
export function jobGraph(
  options: Options,
  start: JobStart & { readonly jobId: string },
  code: JobCode,
  ref: CodeRef,
): JobGraph {
  const byDefault = Number(optionOf(options, 'parallelism.default') ?? 1);
  const overrides = overridesOf(options);
  const vertices = code.vertices.map(({ name, parallelism }) => ({
    id: operatorId(name),
    name,
    parallelism: overrides.get(operatorId(name)) ?? parallelism ?? byDefault,
  }));
  return {
    jobId: start.jobId,
    name: optionOf(options, 'pipeline.name') ?? 'Flink Streaming Job',
    code,
    ref,
    vertices,
    slots: widest(vertices),
    adaptive: adaptiveOf(options, vertices),
    restorePath: start.restorePath,
    allowNonRestoredState: start.allowNonRestoredState,
    checkpointing: checkpointing(options),
    restarts: code.noRestart !== true && hasRestartStrategy(options),
  };
}

/** Without a strategy of its own a job restarts if it takes periodic checkpoints (RestartBackoffTimeStrategyFactoryLoader). */
function hasRestartStrategy(options: Options): boolean {
  const chosen = optionOf(options, 'restart-strategy.type', 'restart-strategy');
  if (chosen !== undefined) return !['none', 'off', 'disable'].includes(chosen);
  return checkpointing(options).intervalMs !== undefined;
}

function checkpointing(options: Options): Checkpointing {
  const interval = optionOf(options, 'execution.checkpointing.interval');
  const retention = optionOf(options, 'execution.checkpointing.externalized-checkpoint-retention');
  return {
    intervalMs: interval === undefined ? undefined : parseFlinkDuration(interval),
    retained: Number(optionOf(options, 'execution.checkpointing.num-retained', 'state.checkpoints.num-retained') ?? 1),
    externalized:
      retention === 'RETAIN_ON_CANCELLATION' || retention === 'DELETE_ON_CANCELLATION'
        ? retention
        : 'NO_EXTERNALIZED_CHECKPOINTS',
    folder: optionOf(options, 'execution.checkpointing.dir', 'state.checkpoints.dir'),
    savepointFolder: optionOf(options, 'execution.checkpointing.savepoint-dir', 'state.savepoints.dir'),
  };
}
