import type { Issue } from '../core/issue.ts';
import { issueAt, issueOf } from '../core/issues.ts';
import { FLINK_CLUSTER_ID_RULE, isFlinkClusterId } from '../kube/names.ts';
import { podTemplateProblems } from '../kube/pod-template-rules.ts';
import { describeBytes } from '../lib/memory-size.ts';
import { autoscalerIssues } from './autoscaler/settings.ts';
import {
  CHECKPOINT_DIRECTORY,
  type FlatConfiguration,
  firstSet,
  flattenConfiguration,
  HA_DIRECTORY,
  HIGH_AVAILABILITY,
  MAX_KEY,
  overlaid,
  SAVEPOINT_DIRECTORY,
} from './configuration.ts';
import { flatOption } from './options/read.ts';
import { RESOURCE_OPTIONS } from './options/resource-table.ts';
import { optionIssues } from './options.ts';
import { type FlinkDeploymentSpec, type FlinkJobSpec, type FlinkVersion, SUPPORTED_FLINK_VERSIONS } from './schema.ts';
import { validateComponents } from './validate-resources.ts';

export { deprecations, validateChange } from './validate-change.ts';

/**
 * The largest spec, as JSON: its record in the status holds up to two more copies, and etcd refuses a request above
 * 1.5 MiB. Its configuration then fits a ConfigMap (1 MiB) too.
 */
export const MAX_SPEC_BYTES = 384 * 1024;

/** Flink's upper bound of a job's maximum parallelism (2^15). */
export const MAX_PARALLELISM = 32_768;

/** Options Weir derives from the resource; setting them would point the cluster at somebody else's objects. */
export const FORBIDDEN_OPTIONS = [
  'kubernetes.namespace',
  'kubernetes.cluster-id',
  'high-availability.cluster-id',
] as const;

const LOG_FILES = ['log4j-console.properties', 'logback-console.xml'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

/** A spec and what holds for it. */
export interface Checked {
  readonly name: string;
  readonly spec: FlinkDeploymentSpec;
  /** The operator's defaults overlaid with the spec's own options. */
  readonly conf: FlatConfiguration;
}

/**
 * Every rule a spec breaks by itself, in the order of its fields; empty when it can be deployed. `defaults` are the
 * options that hold where the spec sets none. Expects a parsed spec; the rules are the incumbent's (report all, not
 * the first only) and those named "Weir".
 */
export function validateSpec(
  name: string,
  spec: FlinkDeploymentSpec,
  defaults: FlatConfiguration | Readonly<Record<string, string>> = {},
): readonly Issue[] {
  const checked: Checked = { name, spec, conf: overlaid(defaults, spec.flinkConfiguration) };
  return [
    ...validateSize(spec),
    ...validateName(name),
    ...validatePods(spec),
    ...validateOptions(checked),
    ...(spec.job === undefined ? [] : validateJob(spec.job, checked)),
    ...validateIngress(checked),
    ...validatePodTemplates(spec),
    ...validateComponents(spec, checked.conf),
    ...validateLogFiles(spec),
  ];
}

/** Weir: what does not fit etcd is refused by name here, not by a failing status write later. */
export function validateSize(spec: object): readonly Issue[] {
  const total = jsonBytes(spec);
  if (total <= MAX_SPEC_BYTES) return [];
  const sizes = Object.entries(spec).map(([field, value]) => ({ field, bytes: jsonBytes(value) }));
  const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
  const path = largest === undefined ? 'spec' : `spec.${largest.field}`;
  const rule = `be small enough that the spec has at most ${describeBytes(MAX_SPEC_BYTES)} as JSON; it has ${describeBytes(total)}`;
  return [{ path, value: describeBytes(largest?.bytes ?? total), rule }];
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').length;
}

function validateName(name: string): readonly Issue[] {
  return isFlinkClusterId(name) ? [] : [issueAt(['metadata', 'name'], name, FLINK_CLUSTER_ID_RULE)];
}

function validatePods(spec: FlinkDeploymentSpec): readonly Issue[] {
  const { imagePullPolicy, serviceAccount, flinkVersion } = spec;
  const issues: Issue[] = [];
  if (imagePullPolicy !== undefined && !PULL_POLICIES.includes(imagePullPolicy)) {
    issues.push(issueAt(['spec', 'imagePullPolicy'], imagePullPolicy, `be one of ${PULL_POLICIES.join(', ')}`));
  }
  if (isBlank(serviceAccount)) {
    issues.push(issueAt(['spec', 'serviceAccount'], serviceAccount, 'name the service account of the pods'));
  }
  if (!isSupported(flinkVersion)) {
    issues.push(issueAt(['spec', 'flinkVersion'], flinkVersion, `be one of ${SUPPORTED_FLINK_VERSIONS.join(', ')}`));
  }
  return issues;
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

function isSupported(version: FlinkVersion | undefined): boolean {
  return (SUPPORTED_FLINK_VERSIONS as readonly (string | undefined)[]).includes(version);
}

function validateOptions({ spec, conf }: Checked): readonly Issue[] {
  const own = flattenConfiguration(spec.flinkConfiguration);
  const issues: Issue[] = FORBIDDEN_OPTIONS.filter((key) => own.has(key)).map((key) =>
    optionIssue(key, own.get(key), "not be set, since Weir derives it from the resource's name and namespace"),
  );
  issues.push(...longKeys(own), ...optionIssues(own));
  if (spec.job !== undefined) issues.push(...autoscalerIssues(own, conf));
  const { jmDeploymentRecoveryEnabled: recovery, healthCheckEnabled } = RESOURCE_OPTIONS;
  if (flatOption(conf, healthCheckEnabled) && !flatOption(conf, recovery)) {
    issues.push(optionIssue(recovery.key, 'false', `not be false while ${healthCheckEnabled.key} is true`));
  }
  issues.push(...missingHaFolder(conf));
  const slots = conf.get('taskmanager.numberOfTaskSlots');
  if (slots !== undefined && !isCount(slots)) {
    issues.push(optionIssue('taskmanager.numberOfTaskSlots', slots, 'be a whole number of at least 1'));
  }
  return issues;
}

/** Values of `high-availability.type` that are Flink's own, by name or by class; a factory of the user's needs what it needs. */
const FLINKS_OWN_HA = /^\s*(kubernetes|zookeeper|org\.apache\.flink\..*)\s*$/i;

/** Weir: a JobManager without it ends at its start (Flink 1.20 and 2.3: HighAvailabilityServicesUtils). */
function missingHaFolder(conf: FlatConfiguration): readonly Issue[] {
  const mode = firstSet(conf, HIGH_AVAILABILITY);
  if (mode === undefined || !FLINKS_OWN_HA.test(mode) || firstSet(conf, HA_DIRECTORY) !== undefined) return [];
  return [optionIssue(HA_DIRECTORY[0], undefined, `name a folder, since high availability is ${mode.trim()}`)];
}

/** Weir: no option's name comes near it, and every dot in one is a level of the file that Flink 2 reads. */
export function longKeys(own: FlatConfiguration): readonly Issue[] {
  const long = [...own.keys()].filter(({ length }) => length > MAX_KEY);
  return long.map((key) => optionIssue(key, key, `have a key of at most ${MAX_KEY} characters`));
}

function optionIssue(key: string, value: string | undefined, rule: string): Issue {
  return issueAt(['spec', 'flinkConfiguration', key], value, rule);
}

function isCount(text: string): boolean {
  return /^\s*\+?0*[1-9]\d{0,8}\s*$/.test(text);
}

function validateJob(job: FlinkJobSpec, checked: Checked): readonly Issue[] {
  return [
    ...validateProgram(job, checked),
    ...validateParallelism(job, checked),
    ...validateDirectories(job, checked.conf),
  ];
}

/** A standalone JobManager looks for the program in /opt/flink/usrlib by itself (Flink, StandaloneApplicationClusterEntryPoint). */
function validateProgram(job: FlinkJobSpec, { spec, conf }: Checked): readonly Issue[] {
  const named = !isBlank(job.jarURI) || !isBlank(job.entryClass) || firstSet(conf, ['pipeline.jars']) !== undefined;
  if (named || spec.mode === 'standalone') return [];
  const rule =
    "name the job's jar in the image (local:///opt/flink/usrlib/job.jar), unless entryClass names a class on its class path";
  return [issueAt(['spec', 'job', 'jarURI'], job.jarURI, rule)];
}

/**
 * Unlike the incumbent, which refuses an absent parallelism, an absent one means `parallelism.default`, else 1, as it
 * does in Flink. Where taskManager.replicas is set nobody reads the parallelism, and 0 (the incumbent's "unset") passes.
 */
export function validateParallelism(
  job: FlinkJobSpec,
  { spec, conf }: Pick<Checked, 'spec' | 'conf'>,
): readonly Issue[] {
  const replicas = spec.taskManager?.replicas;
  const lowest = replicas === undefined ? 1 : 0;
  const { parallelism } = job;
  const path = ['spec', 'job', 'parallelism'];
  if (parallelism !== undefined && parallelism < lowest) return [issueAt(path, parallelism, 'be at least 1')];
  if (parallelism !== undefined && parallelism > MAX_PARALLELISM) {
    return [issueAt(path, parallelism, `be at most ${MAX_PARALLELISM}, the highest parallelism Flink can run`)];
  }
  const byDefault = conf.get('parallelism.default');
  const used = parallelism === undefined && replicas === undefined;
  if (!used || byDefault === undefined || isCount(byDefault)) return [];
  return [
    optionIssue(
      'parallelism.default',
      byDefault,
      'be a whole number of at least 1, unless spec.job.parallelism is set',
    ),
  ];
}

/** A mode that keeps state, and whatever takes savepoints, needs folders to keep it in. */
export function validateDirectories(job: FlinkJobSpec, conf: FlatConfiguration): readonly Issue[] {
  const mode = job.upgradeMode ?? 'stateless';
  const issues: Issue[] = [];
  if (mode !== 'stateless' && firstSet(conf, CHECKPOINT_DIRECTORY) === undefined) {
    issues.push(missingFolder('checkpoints', CHECKPOINT_DIRECTORY, `upgradeMode is ${mode}`));
  }
  const reason = firstSet(conf, SAVEPOINT_DIRECTORY) === undefined ? savepointReason(job, conf) : undefined;
  if (reason !== undefined) {
    issues.push(missingFolder('savepoints', SAVEPOINT_DIRECTORY, reason));
  }
  return issues;
}

/** Keys as Flink 1.20 renamed them; it and later ones read the old names too. */
function missingFolder(what: string, [key, oldKey]: readonly [string, string], why: string): Issue {
  return optionIssue(key, undefined, `name a folder for ${what} (before Flink 1.20 by ${oldKey}), since ${why}`);
}

function savepointReason(job: FlinkJobSpec, conf: FlatConfiguration): string | undefined {
  if (job.upgradeMode === 'savepoint') return 'upgradeMode is savepoint';
  if (job.savepointTriggerNonce !== undefined) return 'savepointTriggerNonce asks for one';
  const options = [RESOURCE_OPTIONS.periodicSavepointInterval.key, RESOURCE_OPTIONS.maxAllowedCheckpointAge.key];
  const key = options.find((option) => conf.has(option));
  return key === undefined ? undefined : `${key} is set`;
}

/** `host/path` or `scheme://host/path` or `/path`, after {{name}} and {{namespace}} are replaced. */
function validateIngress({ name, spec }: Checked): readonly Issue[] {
  if (spec.ingress === undefined) return [];
  const { template } = spec.ingress;
  const filled = (template ?? '').replace(/\{\{(name|namespace)\}\}/gi, name).trim();
  const valid = /^([a-z][a-z0-9+.-]*:\/\/)?(\*\.)?[a-z0-9.-]*(:\d{1,5})?(\/.*)?$/i.test(filled) && filled !== '';
  if (valid) return [];
  return [
    issueAt(
      ['spec', 'ingress', 'template'],
      template,
      'be a host with or without a path, such as {{name}}.example.com',
    ),
  ];
}

/** A component's template is merged over the common one, by position too, so its items need names only when alone. */
function validatePodTemplates(spec: FlinkDeploymentSpec): readonly Issue[] {
  const overlay = spec.podTemplate === undefined ? 'whole' : 'overlay';
  return [
    ...malformed(spec.podTemplate, ['spec', 'podTemplate'], 'whole'),
    ...malformed(spec.jobManager?.podTemplate, ['spec', 'jobManager', 'podTemplate'], overlay),
    ...malformed(spec.taskManager?.podTemplate, ['spec', 'taskManager', 'podTemplate'], overlay),
  ];
}

function malformed(template: unknown, path: readonly string[], kind: 'whole' | 'overlay'): readonly Issue[] {
  return template === undefined ? [] : podTemplateProblems(template, path, kind).map(issueOf);
}

function validateLogFiles(spec: FlinkDeploymentSpec): readonly Issue[] {
  return Object.keys(spec.logConfiguration ?? {})
    .filter((file) => !LOG_FILES.includes(file))
    .map((file) => issueAt(['spec', 'logConfiguration'], file, `hold only ${LOG_FILES.join(' and ')}`));
}
