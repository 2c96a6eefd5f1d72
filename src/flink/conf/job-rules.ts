import type { FlinkDeployment, FlinkDeploymentSpec, FlinkJobSpec, FlinkVersion } from '../schema.ts';
import { type FlinkConf, fromSpec, integerOf, isSet, needed, type Rule, unlessSet } from './entry.ts';
import { isStandalone } from './mode.ts';
import { largestVertexParallelism } from './scheduling.ts';
import { encodeList } from './values.ts';
import { atLeast, flinkVersionOf } from './versions.ts';

/** Spellings of the state a run starts from; 1.20 renamed it (StateRecoveryOptions) and reads both. */
export const RESTORE_PATH = ['execution.savepoint.path', 'execution.state-recovery.path'] as const;

/** Spellings of the option that lets a start drop state nothing asks for. */
export const IGNORE_UNCLAIMED = [
  'execution.savepoint.ignore-unclaimed-state',
  'execution.state-recovery.ignore-unclaimed-state',
] as const;

const MAIN_CLASS = '$internal.application.main';

/** The option that holds the arguments of an application's main method. */
export const PROGRAM_ARGS = '$internal.application.program-args';

const TASK_MANAGERS = 'kubernetes.internal.taskmanager.replicas';

/** Options by kind of cluster: what runs, how parallel, from what jar (incumbent: FlinkConfigBuilder). */
export function jobRules(deployment: FlinkDeployment, conf: FlinkConf): readonly Rule[] {
  const { spec, metadata } = deployment;
  const { job } = spec;
  const kind = job === undefined ? 'session' : 'application';
  const target = isStandalone(spec)
    ? [
        needed('execution.target', 'remote', 'spec.mode is standalone'),
        needed(
          'kubernetes.internal.cluster-mode',
          kind.toUpperCase(),
          `for ${kind === 'application' ? 'an application' : 'a session'} cluster`,
        ),
      ]
    : [
        needed(
          'execution.target',
          `kubernetes-${kind}`,
          `for ${kind === 'application' ? 'an application' : 'a session'} cluster`,
        ),
      ];
  return job === undefined
    ? target
    : [...target, ...parallelismRules(spec, job, conf), ...applicationRules(spec, job, metadata.name)];
}

function applicationRules(spec: FlinkDeploymentSpec, job: FlinkJobSpec, name: string): readonly Rule[] {
  return [
    needed(
      'execution.shutdown-on-application-finish',
      'false',
      'the end of a job must be seen before its cluster goes',
    ),
    unlessSet(
      'execution.submit-failed-job-on-application-error',
      'true',
      'a main method that fails shows as a failed job',
    ),
    unlessSet('pipeline.name', name, 'metadata.name'),
    ...(job.upgradeMode === 'last-state'
      ? [unlessSet('execution.checkpointing.interval', '5 min', 'upgradeMode last-state lives on checkpoints')]
      : []),
    unlessSet(
      'execution.checkpointing.externalized-checkpoint-retention',
      'RETAIN_ON_CANCELLATION',
      'the newest checkpoint must outlive its job',
    ),
    ...(job.allowNonRestoredState === undefined
      ? []
      : [
          { kind: 'remove', keys: IGNORE_UNCLAIMED } as const,
          fromSpec(IGNORE_UNCLAIMED[0], `${job.allowNonRestoredState}`, 'spec.job.allowNonRestoredState'),
        ]),
    ...programRules(spec, job),
  ];
}

function programRules(spec: FlinkDeploymentSpec, job: FlinkJobSpec): readonly Rule[] {
  const { jarURI, entryClass, args } = job;
  const jar = isStandalone(spec)
    ? (uri: string) => fromSpec('pipeline.classpaths', encodeList([standaloneJar(uri)]), 'spec.job.jarURI')
    : (uri: string) => fromSpec('pipeline.jars', encodeList([uri]), 'spec.job.jarURI');
  return [
    ...(jarURI === undefined ? [] : [jar(jarURI)]),
    ...(entryClass === undefined ? [] : [fromSpec(MAIN_CLASS, entryClass, 'spec.job.entryClass')]),
    ...(args === undefined || args.length === 0
      ? []
      : [fromSpec(PROGRAM_ARGS, encodeArguments(args, flinkVersionOf(spec)), 'spec.job.args')]),
  ];
}

/** Flink 2 reads a list as YAML first, where `x: y` or `[a]` would not stay text; older ones know only `a;b`. */
function encodeArguments(args: readonly string[], version: FlinkVersion): string {
  return atLeast(version, 'v2_0') ? JSON.stringify(args) : encodeList(args);
}

/** A standalone JobManager loads its jar as a URL and knows no `local:` scheme. */
function standaloneJar(uri: string): string {
  return uri.replace(/^local:/, 'file:');
}

function parallelismRules(spec: FlinkDeploymentSpec, job: FlinkJobSpec, conf: FlinkConf): readonly Rule[] {
  const slots = slotsPerTaskManager(conf);
  const { value, because } = wantedParallelism(spec, job, conf);
  const parallelism = value ?? integerOf(conf, 'parallelism.default', 1);
  const taskManagers = `${taskManagersFor(parallelism, slots)}`;
  const count =
    isStandalone(spec) && (spec.taskManager?.replicas ?? 0) <= 0 && !isSet(conf, TASK_MANAGERS)
      ? [needed(TASK_MANAGERS, taskManagers, `ceil(${parallelism} / ${slots}) = ${taskManagers}`)]
      : [];
  return value === undefined ? count : [fromSpec('parallelism.default', `${value}`, because), ...count];
}

function wantedParallelism(
  spec: FlinkDeploymentSpec,
  job: FlinkJobSpec,
  conf: FlinkConf,
): { readonly value: number | undefined; readonly because: string } {
  const replicas = spec.taskManager?.replicas ?? 0;
  const slots = slotsPerTaskManager(conf);
  if (replicas > 0)
    return { value: replicas * slots, because: `spec.taskManager.replicas: ${replicas} × ${slots} slots` };
  const overrides = isStandalone(spec) ? largestVertexParallelism(conf) : 0;
  if (overrides > 0) return { value: overrides, because: 'largest of pipeline.jobvertex-parallelism-overrides' };
  const value = job.parallelism !== undefined && job.parallelism > 0 ? job.parallelism : undefined;
  return { value, because: 'spec.job.parallelism' };
}

/** Slots of one TaskManager: `taskmanager.numberOfTaskSlots`, at least and by default 1. */
export function slotsPerTaskManager(conf: FlinkConf): number {
  return Math.max(1, integerOf(conf, 'taskmanager.numberOfTaskSlots', 1));
}

/** TaskManagers that give `parallelism` slots. */
export function taskManagersFor(parallelism: number, slots: number): number {
  return Math.max(1, Math.ceil(parallelism / slots));
}
