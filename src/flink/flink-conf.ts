import { deepEqual } from '../lib/json.ts';
import { remembered, rememberedWith } from '../lib/remembered.ts';
import { withoutTrailingSlashes } from '../lib/text.ts';
import { clusterRules } from './conf/cluster-rules.ts';
import { applyRules, type FlinkConf, isSet, needed, optionOf, type Rule, sorted, unlessSet } from './conf/entry.ts';
import { IGNORE_UNCLAIMED, jobRules, RESTORE_PATH } from './conf/job-rules.ts';
import { layeredConf, type OperatorDefaults } from './conf/layers.ts';
import { needsTaskManagerTemplate, TASK_MANAGER_TEMPLATE_FILE } from './conf/pod-templates.ts';
import { atLeast, flinkVersionOf } from './conf/versions.ts';
import type { FlinkDeployment } from './schema.ts';

export type { ConfEntry, ConfOrigin, ConfSource, FlinkConf } from './conf/entry.ts';
export { optionOf } from './conf/entry.ts';
export type { OperatorDefaults } from './conf/layers.ts';
export { isHighlyAvailable } from './conf/mode.ts';
export { renderConf, renderIssues } from './conf/render.ts';

/** One start of a cluster, recorded before it is carried out; whoever repeats it asks for the same objects. */
export interface ClusterStart {
  readonly startId: string;
  /** 32 hex digits. A user's own `$internal.pipeline.job-id` wins. */
  readonly jobId: string;
  /** Generation of the resource that is started. */
  readonly generation: number;
  /** Ends the paths of the result stores, so that no finished run stands in the way of this one. */
  readonly haResultStoreId: string;
  /** State to start from: a savepoint or checkpoint, or the incumbent's word for "what high availability has". */
  readonly restorePath?: string;
  /** No state may be dropped, whatever the spec allows. */
  readonly dropsNothing?: true;
}

/**
 * Every option a cluster is started with and why, keys sorted: layers (see layeredConf), then what follows from the
 * spec, then, for a start, what is this start's own. Options of the operator itself are among them.
 */
export function effectiveConf(
  deployment: FlinkDeployment,
  defaults: OperatorDefaults,
  start?: ClusterStart,
): FlinkConf {
  const conf = confOf({ deployment, defaults });
  return start === undefined ? conf : startsOf(conf)(deployment, start);
}

/** Likewise the last start made with a configuration, which holds all that it takes of its deployment. */
const startsOf = remembered((conf: FlinkConf) => {
  let last: { readonly start: ClusterStart; readonly conf: FlinkConf } | undefined;
  return (deployment: FlinkDeployment, start: ClusterStart): FlinkConf => {
    if (last === undefined || !deepEqual(last.start, start)) {
      last = { start, conf: sorted(applyRules(conf, startRules(deployment, conf, start))) };
    }
    return last.conf;
  };
});

/** The last configuration made for a spec: one pass asks for it many times, and most passes see the spec of the one before. */
const confOf = rememberedWith(
  ({ deployment }: Configured) => deployment.spec,
  ({ deployment: { apiVersion, kind, metadata }, defaults }) => {
    return [apiVersion, kind, metadata.namespace, metadata.name, metadata.uid, defaults.flinkConfiguration];
  },
  ({ deployment, defaults }): FlinkConf => {
    const layers = layeredConf(deployment, defaults);
    const rules = [...clusterRules(deployment, layers), ...jobRules(deployment, layers), ...templateRules(deployment)];
    return sorted(applyRules(layers, rules));
  },
);

interface Configured {
  readonly deployment: FlinkDeployment;
  readonly defaults: OperatorDefaults;
}

function templateRules({ spec }: FlinkDeployment): readonly Rule[] {
  return needsTaskManagerTemplate(spec)
    ? [
        needed(
          'kubernetes.pod-template-file.taskmanager',
          TASK_MANAGER_TEMPLATE_FILE,
          'TaskManager pods come from a template',
        ),
      ]
    : [];
}

/** What the incumbent sets at deploy time (ApplicationReconciler), with the start's ids where it draws random ones. */
function startRules(deployment: FlinkDeployment, conf: FlinkConf, start: ClusterStart): readonly Rule[] {
  if (deployment.spec.job === undefined) return [];
  return [
    { kind: 'remove', keys: RESTORE_PATH },
    ...(start.restorePath === undefined
      ? []
      : [needed(RESTORE_PATH[0], start.restorePath, 'state this start goes on from')]),
    ...(start.dropsNothing === true ? [{ kind: 'remove', keys: IGNORE_UNCLAIMED } as const] : []),
    ...(isSet(conf, '$internal.pipeline.job-id')
      ? []
      : [needed('$internal.pipeline.job-id', start.jobId, 'recorded before the start')]),
    ...resultStoreRules(deployment, conf, start),
  ];
}

/**
 * Stores of this start's own for what Flink writes down of jobs that ended, and from Flink 2.3 on of whole applications: a
 * result that an earlier run left would keep this one from starting (seen on a cluster with both).
 */
function resultStoreRules({ metadata, spec }: FlinkDeployment, conf: FlinkConf, start: ClusterStart): readonly Rule[] {
  const folder = optionOf(conf, 'high-availability.storageDir');
  if (folder === undefined) return [];
  const storage = withoutTrailingSlashes(folder);
  const why = 'results of earlier runs must not end this one';
  const own = (store: string): Rule =>
    needed(`${store}.storage-path`, `${storage}/${store}/${metadata.name}/${start.haResultStoreId}`, why);
  return [
    own('job-result-store'),
    unlessSet('job-result-store.delete-on-commit', 'false', 'the result must outlive the JobManager'),
    ...(atLeast(flinkVersionOf(spec), 'v2_3') ? [own('application-result-store')] : []),
  ];
}

/** Options read by a client or by the operator, and bind addresses that would cut the pods off from each other. */
const NOT_DEPLOYED: readonly RegExp[] = [
  /^kubernetes\.operator\./,
  /^job\.autoscaler\./,
  /^\$internal\.deployment\.config-dir$/,
  /^kubernetes\.config\.file$/,
  /^rest\.bind-address$/,
  /^jobmanager\.bind-host$/,
  /^taskmanager\.(bind-host|host)$/,
];

/** What the cluster gets to see: without the operator's own and the autoscaler's options, and without bind addresses. */
export const deployedConf = remembered(
  (conf: FlinkConf): FlinkConf =>
    new Map([...conf].filter(([key]) => !NOT_DEPLOYED.some((pattern) => pattern.test(key)))),
);
