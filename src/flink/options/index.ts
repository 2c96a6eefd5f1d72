import { AUTOSCALER_OPTIONS, AUTOSCALER_PREFIX, JAVA_PLUGIN, UNREAD_AUTOSCALER_OPTIONS } from './autoscaler-table.ts';
import { GUARD_OPTIONS, PROCESS_OPTIONS, UNREAD_OPTIONS } from './operator-table.ts';
import { RESOURCE_OPTIONS } from './resource-table.ts';
import { type AnyOption, notApplicable, notYet, OPERATOR_PREFIX, type Standing } from './types.ts';

/** Options whose names users choose in part. */
export interface OptionFamily {
  /** What the names start with. */
  readonly prefix: string;
  /** The rest of the names, with the users' parts in angle brackets. */
  readonly rest: string;
  readonly standing: Standing;
  readonly description: string;
}

/** Every single option of the incumbent (release 1.15). */
export const ALL_OPTIONS: readonly AnyOption[] = [
  ...Object.values<AnyOption>(RESOURCE_OPTIONS),
  ...Object.values<AnyOption>(GUARD_OPTIONS),
  ...Object.values<AnyOption>(PROCESS_OPTIONS),
  ...UNREAD_OPTIONS,
  ...Object.values<AnyOption>(AUTOSCALER_OPTIONS),
  ...UNREAD_AUTOSCALER_OPTIONS,
];

/** What the operator's layers by namespace and Flink version start with. */
export const LAYER_PREFIX = `${OPERATOR_PREFIX}default-configuration.`;

const OWN_METRICS = notApplicable('Weir serves its metrics for Prometheus at /metrics');

/** Every family of options of the incumbent (release 1.15). */
export const OPTION_FAMILIES: readonly OptionFamily[] = [
  {
    prefix: `${LAYER_PREFIX}namespace.`,
    rest: '<namespace>.<key>',
    standing: { is: 'honoured' },
    description: 'A default for the resources of a namespace.',
  },
  {
    prefix: `${LAYER_PREFIX}flink-version.`,
    rest: '<version>[+].<key>',
    standing: { is: 'honoured' },
    description:
      'A default for a Flink version such as v2_0, with + also for later ones; wins over those of the namespace.',
  },
  {
    prefix: `${OPERATOR_PREFIX}plugins.listeners.`,
    rest: '<name>.class, <name>.<key>',
    standing: notApplicable('plug-ins are Java classes; Kubernetes events and conditions tell the same'),
    description: 'A plug-in that is told of status changes and events.',
  },
  {
    prefix: `${OPERATOR_PREFIX}metrics.reporter.`,
    rest: '<name>.<key>',
    standing: OWN_METRICS,
    description: 'A metric reporter of the operator.',
  },
  {
    prefix: `${OPERATOR_PREFIX}metrics.scope.`,
    rest: 'k8soperator.system, k8soperator.resourcens, k8soperator.resource',
    standing: OWN_METRICS,
    description: 'How metrics are named.',
  },
  {
    prefix: `${OPERATOR_PREFIX}metrics.histogram.`,
    rest: 'sample.size',
    standing: OWN_METRICS,
    description: 'How many values a histogram keeps.',
  },
  {
    prefix: OPERATOR_PREFIX + AUTOSCALER_PREFIX,
    rest: '<key>',
    standing: { is: 'honoured' },
    description: 'Old names of the options of the autoscaler.',
  },
  ...['metrics.custom-evaluator.', 'scaling.custom-executor.', 'scaling.parallelism-alignment.mode.'].map((kind) => ({
    prefix: AUTOSCALER_PREFIX + kind,
    rest: '<name>.class, <name>.<key>',
    standing: JAVA_PLUGIN,
    description: 'A plug-in of the autoscaler.',
  })),
  {
    prefix: `${OPERATOR_PREFIX}bluegreen.`,
    rest: '<key>',
    standing: notYet('there are no blue/green deployments yet'),
    description: 'Options of FlinkBlueGreenDeployment.',
  },
];

const BY_NAME: ReadonlyMap<string, AnyOption> = new Map(
  ALL_OPTIONS.flatMap((option) => [option.key, ...option.oldNames].map((name) => [name, option] as const)),
);

/** The option a key names, by its name or an old one. */
export function optionNamed(key: string): AnyOption | undefined {
  return BY_NAME.get(key);
}

/** Whether a key that starts like an option of the operator is none. Layers are looked at by their prefix only. */
export function isUnknownOption(key: string): boolean {
  if (!key.startsWith(OPERATOR_PREFIX) || BY_NAME.has(key)) return false;
  return !OPTION_FAMILIES.some(({ prefix }) => key.startsWith(prefix) && key.length > prefix.length);
}
