import type { Issue } from '../../core/issue.ts';
import { issueAt } from '../../core/issues.ts';
import { applicationResources, type PodAmount } from '../resources.ts';
import type { SparkApplication, SparkApplicationSpec } from '../schema.ts';
import type { SparkSettings } from '../settings.ts';
import { nameWith } from './around.ts';
import { needed, type Rule, type SparkConf } from './entry.ts';

type Role = 'driver' | 'executor';

/** A batch scheduler, and how it is told of a group of pods: by a PodGroup of its kind or by annotations. */
export interface BatchScheduler {
  /** schedulerName of the pods. */
  readonly name: string;
  readonly kind: 'volcano' | 'yunikorn' | 'scheduler-plugins';
}

/** Schedulers that have their names from nobody. */
const KNOWN = ['volcano', 'yunikorn'] as const;

/** The batch scheduler of an application: its own, else that of the operator; undefined: it has none. */
export function batchScheduler(
  { batchScheduler: own = '' }: SparkApplicationSpec,
  { batch }: SparkSettings,
): BatchScheduler | undefined {
  const name = own || (batch?.enabled === true ? (batch.fallback ?? '') : '');
  if (name === '') return undefined;
  return { name, kind: KNOWN.find((known) => known === name) ?? 'scheduler-plugins' };
}

/** What the operator was told about batch schedulers decides whether one may be named, and which. */
export function batchIssues(
  { batchScheduler: name = '' }: SparkApplicationSpec,
  { batch }: Pick<SparkSettings, 'batch'>,
): readonly Issue[] {
  if (name === '' || batch === undefined) return [];
  const names: readonly string[] = [...KNOWN, ...batch.kubeSchedulers];
  if (batch.enabled && names.includes(name)) return [];
  const rule = batch.enabled
    ? `be one of ${names.join(', ')}; others are named by --kube-scheduler-names of the operator`
    : 'not be set, since the operator runs without --enable-batch-scheduler';
  return [issueAt(['spec', 'batchScheduler'], name, rule)];
}

/** Name of the PodGroup of an application (Kubeflow Spark Operator 2.5; shortened where it is to be a label). */
export function podGroupName(application: Pick<SparkApplication, 'metadata'>, kind: BatchScheduler['kind']): string {
  return kind === 'volcano' ? `spark-${application.metadata.name}-pg` : nameWith(application, 'pg');
}

/** What all pods of a group request together when the application starts. */
export function groupResources({ spec }: SparkApplication, conf: SparkConf): Readonly<Record<string, string>> {
  const { driver, executor, executors } = applicationResources(spec, conf);
  return quantities({
    cpu: driver.cpu + executors * executor.cpu,
    memoryBytes: driver.memoryBytes + executors * executor.memoryBytes,
  });
}

function quantities({ cpu, memoryBytes }: Pick<PodAmount, 'cpu' | 'memoryBytes'>): Readonly<Record<string, string>> {
  return { cpu: `${Math.round(cpu * 1000)}m`, memory: `${Math.round(memoryBytes / 1024 ** 2)}Mi` };
}

/** What makes the pods those of their scheduler and of one group, by properties that reach driver and executors alike. */
export function batchRules(application: SparkApplication, conf: SparkConf, settings: SparkSettings): readonly Rule[] {
  const scheduler = batchScheduler(application.spec, settings);
  if (scheduler === undefined) return [];
  const because = `batch scheduler ${scheduler.name}`;
  return (['driver', 'executor'] as const).flatMap((role) => {
    const { annotations = {}, labels = {} } = membership(application, conf, { scheduler, role });
    const key = `spark.kubernetes.${role}`;
    return [
      needed(`${key}.scheduler.name`, scheduler.name, because),
      ...Object.entries(annotations).map(([name, value]) => needed(`${key}.annotation.${name}`, value, because)),
      ...Object.entries(labels).map(([name, value]) => needed(`${key}.label.${name}`, value, because)),
    ];
  });
}

interface Membership {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

function membership(
  application: SparkApplication,
  conf: SparkConf,
  { scheduler, role }: { readonly scheduler: BatchScheduler; readonly role: Role },
): Membership {
  const group = podGroupName(application, scheduler.kind);
  switch (scheduler.kind) {
    case 'volcano':
      return { annotations: { 'scheduling.k8s.io/group-name': group } };
    case 'scheduler-plugins':
      return { labels: { 'scheduling.x-k8s.io/pod-group': group } };
    case 'yunikorn':
      return taskGroup(application, conf, role);
  }
}

/** YuniKorn's annotations: each pod names its task group, the driver describes them all. */
function taskGroup(application: SparkApplication, conf: SparkConf, role: Role): Membership {
  const { queue } = application.spec.batchSchedulerOptions ?? {};
  const groups = role === 'driver' ? taskGroups(application.spec, conf) : undefined;
  return {
    annotations: {
      'yunikorn.apache.org/task-group-name': `spark-${role}`,
      ...(groups === undefined ? {} : { 'yunikorn.apache.org/task-groups': JSON.stringify(groups) }),
    },
    ...(queue === undefined || queue === '' ? {} : { labels: { queue } }),
  };
}

/** A group of no members is none. */
function taskGroups(spec: SparkApplicationSpec, conf: SparkConf): readonly object[] {
  const { driver, executor, executors } = applicationResources(spec, conf);
  return [
    groupOf('driver', spec, { minMember: 1, minResource: quantities(driver) }),
    ...(executors === 0
      ? []
      : [groupOf('executor', spec, { minMember: executors, minResource: quantities(executor) })]),
  ];
}

function groupOf(role: Role, spec: SparkApplicationSpec, size: object): object {
  const { nodeSelector, tolerations, affinity, labels } = spec[role] ?? {};
  const selector = { ...spec.nodeSelector, ...nodeSelector };
  return {
    name: `spark-${role}`,
    ...size,
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(affinity === undefined ? {} : { affinity }),
    ...(labels === undefined ? {} : { labels }),
  };
}
