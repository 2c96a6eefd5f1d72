import { verdictWords } from '../../core/capacity/condition.ts';
import { isGated } from '../../core/capacity/gate.ts';
import type { ClusterCapacity } from '../../core/capacity/survey.ts';
import type { Fact } from '../../core/fact.ts';
import { describeIssue, type Issue } from '../../core/issue.ts';
import { checkCapacity } from '../../flink/capacity.ts';
import { decide, type ProbeIntervals } from '../../flink/decide.ts';
import { effectiveConf, type FlinkConf, type OperatorDefaults } from '../../flink/flink-conf.ts';
import { sentences } from '../../flink/notice.ts';
import { deploymentNotices } from '../../flink/notices.ts';
import { UNSEEN } from '../../flink/observed.ts';
import { whyJobsAreLost } from '../../flink/policies/session.ts';
import { type FlinkRecord, recordedWish, runs } from '../../flink/record.ts';
import { type ClusterResources, clusterResources } from '../../flink/resources.ts';
import { sizeInPlace } from '../../flink/scaling.ts';
import { type FlinkDeployment, type FlinkDeploymentSpec, parseFlinkDeploymentSpec } from '../../flink/schema.ts';
import { type Situation, situationOf, type Target } from '../../flink/situation.ts';
import { isSession } from '../../flink/validate-change.ts';
import type { KubeObject } from '../../kube/object.ts';
import { textWithoutSecrets } from '../../lib/secret.ts';
import { describeObject, taskManagerPods } from './flink-objects.ts';
import { sizeOf, UNKNOWN_SIZE } from './flink-size.ts';
import type {
  ConfigurationEntry,
  Decision,
  PlannedCapacity,
  PlannedIssue,
  PlannedObject,
  ResourcePlan,
} from './report.ts';

/** A manifest beside what the cluster has of it, if anything is known of that. */
export interface FlinkSubject {
  readonly source: string;
  /** As in the file, with its namespace filled in. */
  readonly wanted: KubeObject;
  /** The stored object; undefined offline, and where there is none. */
  readonly live: KubeObject | undefined;
  /** Whether a cluster was asked for it. */
  readonly compared: boolean;
  /** What the cluster can give; undefined offline. */
  readonly capacity?: Fact<ClusterCapacity> | undefined;
  /** Live pods of the resource. */
  readonly pods?: readonly KubeObject[] | undefined;
}

/** What decides besides the manifest. */
export interface FlinkPlanContext {
  readonly defaults: OperatorDefaults;
  readonly now: Date;
}

/** A plan that is only read asks no JobManager. */
const NEVER_ASKED: ProbeIntervals = { fast: 0, slow: 0 };

/**
 * What the operator would do with a FlinkDeployment, by asking the operator's own decision: what is said here and done
 * there cannot differ.
 */
export function planFlinkDeployment(subject: FlinkSubject, context: FlinkPlanContext): ResourcePlan {
  const resource = asStored(subject);
  const situation = situationOf(resource, UNSEEN, context.now, context.defaults);
  const verdict = verdictOf(situation, subject.compared);
  const spec = parseFlinkDeploymentSpec(resource.spec);
  const issues = situation.refusal?.issues ?? [];
  const planned = spec.ok && issues.length === 0 ? plannedOf(resource, spec.value, context.defaults) : undefined;
  const { name, namespace = 'default' } = resource.metadata;
  return {
    kind: resource.kind,
    namespace,
    name,
    source: subject.source,
    ...verdict,
    changes: situation.record === undefined ? [] : (situation.target?.diff.paths ?? []).map((path) => `spec.${path}`),
    capacity: capacityOf(subject, resource, situation, verdict),
    flinkVersion: spec.ok ? (spec.value.flinkVersion ?? null) : null,
    mode: spec.ok ? (spec.value.mode ?? 'native') : null,
    ...(planned === undefined ? UNKNOWN_SIZE : sizeOf(planned.resources)),
    objects: planned === undefined ? [] : objectsOf(situation, verdict.decision, planned.resources),
    configuration: planned === undefined ? [] : configurationOf(planned.conf),
    warnings: sentences(deploymentNotices(resource, context.defaults)),
    issues: issues.map(plannedIssue),
  };
}

/** The manifest as the API server would store it: the file's spec, the identity and status of the live object. */
export function asStored({ wanted, live }: FlinkSubject): KubeObject {
  if (live === undefined) {
    const { status: _status, ...rest } = wanted;
    return { ...rest, metadata: { ...wanted.metadata, uid: 'not-created-yet', generation: 1 } };
  }
  const annotations = { ...live.metadata.annotations, ...wanted.metadata.annotations };
  return { ...wanted, metadata: { ...live.metadata, annotations }, status: live.status };
}

function startsPods({ decision }: Verdict): boolean {
  return decision === 'create' || decision === 'resume' || decision === 'restart';
}

/** The same comparison the operator makes before a start; null where nothing would be started or nothing was asked. */
function capacityOf(
  { capacity, pods = [] }: FlinkSubject,
  resource: KubeObject,
  { target, defaults }: Situation,
  decided: Verdict,
): PlannedCapacity | null {
  if (!startsPods(decided) || capacity === undefined || target === undefined) return null;
  const verdict = checkCapacity({ resource, spec: target.spec, pods, defaults }, capacity);
  const held = verdict.kind === 'does-not-fit' && isGated(resource);
  return { ...verdictWords(verdict), message: verdict.message, held };
}

interface Verdict {
  readonly decision: Decision;
  readonly reason: string;
  readonly message: string;
}

function verdictOf(situation: Situation, compared: boolean): Verdict {
  const { refusal, record, target } = situation;
  if (refusal !== undefined) return { decision: 'refuse', reason: refusal.reason, message: refusal.message };
  if (target === undefined) return { decision: 'refuse', reason: 'Error', message: 'the resource cannot be read' };
  if (record === undefined) {
    if (target.desired === 'suspended') {
      return { decision: 'no-op', reason: 'Suspended', message: 'spec.job.state is "suspended", nothing is started' };
    }
    const message = compared ? 'nothing of it was ever started' : 'as a new resource, not compared with any cluster';
    return { decision: 'create', reason: decide(situation, NEVER_ASKED).because, message };
  }
  return changeVerdict(situation, record, target);
}

function changeVerdict(situation: Situation, record: FlinkRecord, target: Target): Verdict {
  const { kind, paths } = target.diff;
  const fields = paths.map((path) => `spec.${path}`).join(', ');
  if (kind === 'none')
    return { decision: 'no-op', reason: 'NoDifference', message: 'nothing differs from what was last started' };
  if (kind === 'ignore') {
    return { decision: 'no-op', reason: 'NoDifference', message: `what differs restarts nothing (${fields})` };
  }
  if (runs(record) && sizeInPlace(situation) !== undefined) {
    return {
      decision: 'scale',
      reason: 'Scaling',
      message: `what runs is scaled, the job is not restarted (${fields})`,
    };
  }
  if (isSession(target.spec)) return sessionVerdict(whyJobsAreLost(situation, record, target), fields);
  const before = recordedWish(record).job?.state === 'suspended' ? 'suspended' : 'running';
  return target.desired === 'suspended' ? suspendVerdict(before, target, fields) : runVerdict(before, target, fields);
}

/** What becomes of the jobs of a session that is started anew; `lost` says why it recovers none. */
function sessionVerdict(lost: string | undefined, fields: string): Verdict {
  const how =
    lost === undefined
      ? 'its jobs are recovered from its high-availability data'
      : `once its jobs that keep state are suspended; ${lost}`;
  return { decision: 'restart', reason: 'SpecChanged', message: `the session is started anew, ${how} (${fields})` };
}

/** How an upgrade mode keeps state, for a job that runs. */
export const KEEPING = {
  stateless: 'without state',
  savepoint: 'from a savepoint that stops it',
  'last-state': 'from its newest checkpoint',
} as const;

type Wished = 'running' | 'suspended';

function suspendVerdict(before: Wished, { mode }: Target, fields: string): Verdict {
  if (before === 'suspended') {
    const message = `suspended; what differs counts from the next start (${fields})`;
    return { decision: 'no-op', reason: 'Suspended', message };
  }
  const message = `the job is stopped and its cluster removed (${fields}); it will go on ${KEEPING[mode]}`;
  return { decision: 'suspend', reason: 'Suspending', message };
}

function runVerdict(before: Wished, { mode, diff }: Target, fields: string): Verdict {
  if (before === 'suspended') {
    return { decision: 'resume', reason: 'Deploying', message: `the cluster is started again (${fields})` };
  }
  const from = diff.kind === 'redeploy' ? 'from spec.job.initialSavepointPath' : KEEPING[mode];
  return { decision: 'restart', reason: 'SpecChanged', message: `the cluster is started anew, ${from} (${fields})` };
}

/** A broken rule as the report has it. */
export function plannedIssue(issue: Issue): PlannedIssue {
  return { path: issue.path, value: issue.value ?? null, rule: issue.rule, message: describeIssue(issue) };
}

function plannedOf(resource: KubeObject, spec: FlinkDeploymentSpec, defaults: OperatorDefaults) {
  const conf = effectiveConf(deploymentOf(resource, spec), defaults);
  return { conf, resources: clusterResources(spec, conf) };
}

function deploymentOf(resource: KubeObject, spec: FlinkDeploymentSpec): FlinkDeployment {
  return { ...resource, spec } as FlinkDeployment;
}

function configurationOf(conf: FlinkConf): ConfigurationEntry[] {
  return [...conf].map(([key, { value, origin, because, overrides }]) => ({
    key,
    value: textWithoutSecrets(key, value),
    origin,
    because,
    overrides: (overrides ?? []).map((entry) => ({ ...entry, value: textWithoutSecrets(key, entry.value) })),
  }));
}

/** The objects a start creates, from the operator's own plan, and the pods Flink adds to them. */
function objectsOf(situation: Situation, decision: Decision, resources: ClusterResources): PlannedObject[] {
  if (!['create', 'resume', 'restart'].includes(decision)) return [];
  const { name } = situation.resource.metadata;
  const native = situation.target?.spec.mode !== 'standalone' && resources.taskManagers > 0;
  const objects = decide({ ...situation, record: undefined }, NEVER_ASKED)
    .actions.flatMap((action) => (action.kind === 'apply' || action.kind === 'create' ? [action.object] : []))
    .map((object) => ({ kind: object.kind, name: object.metadata.name, because: describeObject(object) }));
  return native ? [...objects, taskManagerPods(name, resources.taskManagers)] : objects;
}
