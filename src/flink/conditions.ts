import { CAPACITY_CONDITION, capacityDraft } from '../core/capacity/condition.ts';
import { knownValue } from '../core/fact.ts';
import { type Draft, drafter, MAX_MESSAGE, type Said, STANDING, standingConditions } from '../core/standing.ts';
import { type Condition, type ConditionDraft, mergeConditions } from '../kube/conditions.ts';
import { isReactive } from './conf/scheduling.ts';
import { effectiveConf } from './flink-conf.ts';
import type { JobFacts } from './observed.ts';
import { clusterResources } from './resources.ts';
import type { FlinkDeployment, FlinkDeploymentStatus } from './schema.ts';
import type { Intent, Situation } from './situation.ts';
import { isSession } from './validate-change.ts';

/** Condition types Weir owns on a FlinkDeployment; others are left alone. */
const OWNED = [...STANDING, 'Running', 'ParallelismOverridden', CAPACITY_CONDITION] as const;

/**
 * Ready, Reconciling and Stalled by the kstatus rules (Reconciling and Stalled only while true), the incumbent's
 * Running, ParallelismOverridden when the code asks for more slots than the spec did, and CapacityAvailable from a start on.
 */
export function flinkConditions(
  situation: Situation,
  intent: Intent,
  status: FlinkDeploymentStatus,
): readonly Condition[] {
  const draft = drafter(situation);
  const drafts = [
    ...standingConditions(situation, overlaid(situation, intent), draft),
    isSessionCluster(situation) ? sessionRunningCondition(status, draft) : runningCondition(status, draft),
    ...overriddenCondition(situation, draft),
    ...capacityCondition(situation, intent),
  ];
  return mergeConditions(conditionsOf(situation), drafts, OWNED, situation.now);
}

/** What waits for capacity is on its way, however well what runs meanwhile is. */
function overlaid({ start }: Situation, intent: Intent): Said {
  if (start.held === undefined) return intent;
  return { because: 'WaitingForCapacity', message: start.held, phase: 'progressing' };
}

function capacityCondition(situation: Situation, { phase }: Intent): ConditionDraft[] {
  const { resource, start, target } = situation;
  const settled = phase === 'settled' && start.held === undefined;
  const suspended = target?.desired === 'suspended' && start.held === undefined;
  const drafts = capacityDraft(
    { conditions: conditionsOf(situation), verdict: start.verdict, settled, suspended },
    resource.metadata.generation ?? 0,
  );
  return drafts.map((draft) => ({ ...draft, message: draft.message.slice(0, MAX_MESSAGE) }));
}

/** The conditions after a pass that failed: Ready, Reconciling and Stalled say so, what is known of the job stays. */
export function failureConditions(situation: Situation, intent: Intent): readonly Condition[] {
  const drafts = standingConditions(situation, intent, drafter(situation));
  return mergeConditions(conditionsOf(situation), drafts, STANDING, situation.now);
}

function conditionsOf({ status }: Situation): readonly Condition[] {
  return (status?.conditions ?? []) as readonly Condition[];
}

/** The incumbent's condition about the job. */
export function runningCondition(status: Pick<FlinkDeploymentStatus, 'jobStatus'>, draft: Draft): ConditionDraft {
  const state = status.jobStatus?.state;
  const word = state === undefined ? 'Unknown' : `${state[0]}${state.slice(1).toLowerCase()}`;
  return draft('Running', state === 'RUNNING', word, `Job status ${state ?? 'unknown'}`);
}

function isSessionCluster({ record, target }: Situation): boolean {
  const spec = record?.spec ?? target?.spec;
  return spec !== undefined && isSession(spec);
}

/** The incumbent's words for a session's JobManager. */
const SESSION_WORDS = {
  READY: 'JobManagerReady',
  DEPLOYED_NOT_READY: 'DeployedNotReady',
  DEPLOYING: 'JobManagerIsDeploying',
  MISSING: 'JobManagerDeploymentMissing',
  ERROR: 'Error',
} as const;

/** A session runs when its JobManager answers. */
function sessionRunningCondition(status: FlinkDeploymentStatus, draft: Draft): ConditionDraft {
  const state = status.jobManagerDeploymentStatus ?? 'MISSING';
  return draft('Running', state === 'READY', SESSION_WORDS[state], `JobManager ${state}`);
}

function overriddenCondition(situation: Situation, draft: Draft): ConditionDraft[] {
  const override = parallelismOverride(situation);
  return override === undefined ? [] : [draft('ParallelismOverridden', true, 'ParallelismOverridden', override)];
}

/**
 * The arithmetic in words when the running job needs more slots than its spec asked for, because its code calls
 * setParallelism: Flink lets the code win over every configuration. In reactive mode a job has no parallelism of its own.
 */
export function parallelismOverride(situation: Situation): string | undefined {
  const job = knownValue(situation.observed.rest)?.job;
  const { record, cluster, resource, defaults } = situation;
  if (job === undefined || record === undefined || cluster !== 'current' || job.vertices.length === 0) return undefined;
  const conf = effectiveConf({ ...resource, spec: record.spec } as FlinkDeployment, defaults);
  if (isReactive(conf)) return undefined;
  const asked = clusterResources(record.spec, conf);
  const slots = slotsNeeded(job);
  if (slots <= asked.parallelism) return undefined;
  const per = asked.slotsPerTaskManager;
  const needed = Math.ceil(slots / per);
  const tasks = job.vertices.reduce((sum, vertex) => sum + vertex.parallelism, 0);
  return (
    `the job's code sets its own parallelism: it needs ${slots} slots where the spec asks for ${asked.parallelism}, ` +
    `so ${needed} TaskManagers of ${per} slots instead of ${asked.taskManagers} (${tasks} tasks in all); ` +
    'remove setParallelism from the code or set the same number in spec.job.parallelism'
  );
}

/** Slots a job graph needs: vertices of one slot sharing group share, so each group needs its largest parallelism. */
function slotsNeeded(job: JobFacts): number {
  const groups = new Map<string, number>();
  for (const { slotSharingGroup, parallelism } of job.vertices) {
    const group = slotSharingGroup ?? '';
    groups.set(group, Math.max(groups.get(group) ?? 0, parallelism));
  }
  return [...groups.values()].reduce((sum, parallelism) => sum + parallelism, 0);
}
