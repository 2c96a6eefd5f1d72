import { verdictWords } from '../../core/capacity/condition.ts';
import { isGated } from '../../core/capacity/gate.ts';
import type { ClusterCapacity } from '../../core/capacity/survey.ts';
import type { Fact } from '../../core/fact.ts';
import { describeIssue, type Issue } from '../../core/issue.ts';
import type { KubeObject } from '../../kube/object.ts';
import { textWithoutSecrets } from '../../lib/secret.ts';
import { checkCapacity } from '../../spark/capacity.ts';
import { submissionOf } from '../../spark/conf/submission.ts';
import { desiredSubmission } from '../../spark/desired/index.ts';
import { notAppliedWarnings } from '../../spark/notices.ts';
import { UNSEEN } from '../../spark/observed.ts';
import { type ApplicationResources, applicationResources, type PodAmount } from '../../spark/resources.ts';
import type { SparkApplication } from '../../spark/schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from '../../spark/settings.ts';
import { type Situation, situationOf } from '../../spark/situation.ts';
import { effectiveConf, type SparkConf } from '../../spark/spark-conf.ts';
import { changedFields } from './changes.ts';
import { UNKNOWN_SIZE } from './flink-size.ts';
import type {
  ClusterSize,
  ConfigurationEntry,
  Decision,
  PlannedCapacity,
  PlannedIssue,
  PlannedObject,
  ResourcePlan,
  RoleSize,
} from './report.ts';

/** A manifest beside what the cluster has of it, if anything is known of that. */
export interface SparkSubject {
  readonly source: string;
  /** As in the file, with its namespace filled in. */
  readonly wanted: KubeObject;
  /** The stored object; undefined offline, and where there is none. */
  readonly live: KubeObject | undefined;
  /** Whether a cluster was asked for it. */
  readonly compared: boolean;
  /** What the cluster can give, and the live pods of the resource; undefined offline. */
  readonly capacity?: Fact<ClusterCapacity> | undefined;
  readonly pods?: readonly KubeObject[] | undefined;
}

/** What planning a Spark resource needs besides it. */
export interface SparkPlanContext {
  readonly now: Date;
  /** What the operator was told about all of them; by default what it takes for granted without flags. */
  readonly spark?: SparkSettings | undefined;
}

/** What the operator would do with a SparkApplication, by what the operator itself reads of it. */
export function planSparkApplication(
  subject: SparkSubject,
  { now, spark = DEFAULT_SETTINGS }: SparkPlanContext,
): ResourcePlan {
  const resource = asStored(subject);
  const situation = situationOf(resource, UNSEEN, now, spark);
  const verdict = verdictOf(situation, subject.compared);
  const { name, namespace = 'default' } = resource.metadata;
  const starts = STARTS.has(verdict.decision);
  const planned = situation.application && plannedOf(situation.application, starts ? spark : asSubmitted(situation));
  return {
    kind: resource.kind,
    namespace,
    name,
    source: subject.source,
    ...verdict,
    changes: changedFields(subject.wanted, subject.live),
    capacity: starts ? capacityOf(subject, situation) : null,
    flinkVersion: null,
    mode: null,
    ...(planned === undefined ? UNKNOWN_SIZE : sizeOf(planned.resources)),
    objects: planned === undefined || !starts ? [] : planned.objects,
    configuration: planned === undefined ? [] : configurationOf(planned.conf),
    warnings: warningsOf(situation),
    issues: issuesOf(situation),
  };
}

/** The settings with the default properties of the submission that is there. */
function asSubmitted({ settings, record }: Situation): SparkSettings {
  return { ...settings, defaults: record.submission?.defaults ?? {} };
}

const STARTS: ReadonlySet<Decision> = new Set(['create', 'resume', 'restart']);

/** The manifest as the API server would store it: the file's spec, the identity and status of the live object. */
export function asStored({ wanted, live }: SparkSubject): KubeObject {
  const { status: _status, ...rest } = wanted;
  if (live === undefined) {
    return { ...rest, metadata: { ...wanted.metadata, uid: 'not-created-yet', generation: 1 } };
  }
  const annotations = { ...live.metadata.annotations, ...wanted.metadata.annotations };
  const metadata = { ...live.metadata, annotations, labels: wanted.metadata.labels ?? {} };
  return { ...rest, metadata, status: live.status };
}

/** The same comparison the operator makes under the gate; null where nothing was asked. */
function capacityOf({ capacity, pods = [] }: SparkSubject, situation: Situation): PlannedCapacity | null {
  const { application, resource, settings } = situation;
  if (capacity === undefined || application === undefined) return null;
  const verdict = checkCapacity({ application, pods, settings }, capacity);
  const held = verdict.kind === 'does-not-fit' && isGated(resource);
  return { ...verdictWords(verdict), message: verdict.message, held };
}

type Verdict = Pick<ResourcePlan, 'decision' | 'reason' | 'message'>;

function verdictOf(situation: Situation, compared: boolean): Verdict {
  const { refusal, record, application, changed } = situation;
  if (refusal !== undefined) return { decision: 'refuse', reason: refusal.reason, message: refusal.message };
  if (application?.spec.suspend === true) return suspendVerdict(situation);
  if (record.state === '') {
    const message = compared ? 'it was never submitted' : 'as a new resource, not compared with any cluster';
    return { decision: 'create', reason: 'Submitting', message };
  }
  if (record.state === 'SUSPENDED' || record.state === 'SUSPENDING') {
    return {
      decision: 'resume',
      reason: 'Submitting',
      message: 'spec.suspend is no longer true: it is submitted again',
    };
  }
  if (changed) {
    const message = `what is ${record.state} is stopped and the application run anew`;
    return { decision: 'restart', reason: 'SpecChanged', message };
  }
  if (situation.placed) {
    const message = 'only where executors are placed differs: the run goes on, executors made from then on follow';
    return { decision: 'no-op', reason: 'SparkApplicationWebhookFieldsUpdated', message };
  }
  return {
    decision: 'no-op',
    reason: 'NoDifference',
    message: `nothing asks for another run of what is ${record.state}`,
  };
}

const NOT_RUNNING: ReadonlySet<string> = new Set(['', 'SUSPENDED', 'COMPLETED', 'FAILED']);

function suspendVerdict({ record, changed }: Situation): Verdict {
  if (NOT_RUNNING.has(record.state) || changed) {
    return { decision: 'no-op', reason: 'Suspended', message: 'spec.suspend is true, nothing is submitted' };
  }
  return { decision: 'suspend', reason: 'Suspending', message: `the driver of what is ${record.state} is deleted` };
}

interface Planned {
  readonly conf: SparkConf;
  readonly resources: ApplicationResources;
  readonly objects: readonly PlannedObject[];
}

/** Every submission has an id and a time of its own; those of a plan are the same whenever it is made. */
const EXAMPLE_NOTE = 'ids in names and properties are examples, each submission has its own';

function plannedOf(application: SparkApplication, settings: SparkSettings): Planned {
  const submission = submissionOf('an example', 1, 0, settings.defaults);
  const conf = effectiveConf(application, submission, settings);
  const resources = applicationResources(application.spec, conf);
  const { supports, around, driver, confFolder } = desiredSubmission(application, conf, submission, settings);
  const prefix = conf.get('spark.kubernetes.executor.podNamePrefix')?.value ?? application.metadata.name;
  const pods = resources.executors === 1 ? '1 pod' : `${resources.executors} pods`;
  const executors = { kind: 'Pod', name: `${prefix}-exec-*`, because: `${pods}, made by the driver once it runs` };
  return { conf, resources, objects: [...[...supports, ...around, driver, confFolder].map(plannedObject), executors] };
}

function plannedObject({ kind, metadata: { name } }: KubeObject): PlannedObject {
  return { kind, name, because: PURPOSES.find(([of, end]) => of === kind && end.test(name))?.[2] ?? '' };
}

/** What objects are for, by kind and end of the name. */
const PURPOSES: readonly (readonly [kind: string, end: RegExp, because: string])[] = [
  ['Pod', /$/, 'runs the driver'],
  ['Service', /-driver-svc$/, 'where executors find their driver'],
  ['Service', /-ui-svc$/, 'leads to the Spark UI'],
  ['Service', /$/, 'leads to a port of the driver'],
  ['Ingress', /$/, 'leads to a port of the driver from outside'],
  ['PodGroup', /$/, 'tells the batch scheduler of the pods together'],
  ['PodDisruptionBudget', /$/, 'keeps the driver from voluntary evictions'],
  ['ConfigMap', /-prom-conf$/, 'files of the JMX exporter'],
  ['ConfigMap', /-podspec-conf-map$/, 'template of executor pods'],
  ['ConfigMap', /$/, 'properties of the driver'],
];

function sizeOf({ driver, executor, executors, because, notes }: ApplicationResources): ClusterSize {
  const roles = [roleSize('driver', 1, driver), roleSize('executor', executors, executor)];
  const sum = (of: (amount: PodAmount) => number): number => rounded(of(driver) + executors * of(executor));
  return {
    ...UNKNOWN_SIZE,
    pods: 1 + executors,
    total: { cpu: sum(({ cpu }) => cpu), memoryBytes: sum(({ memoryBytes }) => memoryBytes) },
    limits: { cpu: sum(({ limits }) => limits.cpu), memoryBytes: sum(({ limits }) => limits.memoryBytes) },
    perRole: roles,
    arithmetic: because,
    guesses: [...notes, EXAMPLE_NOTE],
  };
}

function roleSize(role: RoleSize['role'], pods: number, { cpu, memoryBytes }: PodAmount): RoleSize {
  return {
    role,
    pods,
    each: { cpu, memoryBytes },
    total: { cpu: rounded(cpu * pods), memoryBytes: memoryBytes * pods },
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function configurationOf(conf: SparkConf): ConfigurationEntry[] {
  return [...conf].map(([key, { value, origin, because, overrides = [] }]) => ({
    key,
    value: textWithoutSecrets(key, value),
    origin,
    because,
    overrides: overrides.map((entry) => ({ ...entry, value: textWithoutSecrets(key, entry.value) })),
  }));
}

function warningsOf({ application, settings }: Situation): readonly string[] {
  return application === undefined ? [] : notAppliedWarnings(application.spec, settings);
}

/** The broken rules one by one; the operator's refusal has the same ones in a single text. */
function issuesOf({ refusal }: Situation): readonly PlannedIssue[] {
  return (refusal?.issues ?? []).map(plannedIssue);
}

/** A broken rule as a plan has it. */
export function plannedIssue(issue: Issue): PlannedIssue {
  return { path: issue.path, value: issue.value ?? null, rule: issue.rule, message: describeIssue(issue) };
}
