import { type Condition, findCondition } from '../../kube/conditions.ts';
import type { KubeObject } from '../../kube/object.ts';

/** What is waited for: that the resource is as its spec wants it, or that its job has ended well. */
export type Goal = 'ready' | 'finished';

/** How a resource stands to the goal, in words. `failed` will not change by waiting. */
export interface Verdict {
  readonly standing: 'reached' | 'failed' | 'waiting';
  readonly message: string;
}

interface Status {
  readonly conditions?: readonly Condition[];
  readonly observedGeneration?: number;
  readonly error?: string;
  /** FlinkDeployment and FlinkSessionJob. */
  readonly jobStatus?: { readonly state?: string };
  /** SparkApplication. */
  readonly applicationState?: { readonly state?: string; readonly errorMessage?: string };
  /** FlinkStateSnapshot. */
  readonly state?: string;
}

/** Words of the kinds for a job that has come to its good end. */
const ENDED_WELL: ReadonlySet<string> = new Set(['FINISHED', 'COMPLETED']);
/** Words for an end that nothing follows by itself, when the conditions no longer tell of work. */
const ENDED_BADLY: ReadonlySet<string> = new Set(['FAILED', 'CANCELED', 'SUBMISSION_FAILED', 'ABANDONED']);

/**
 * How a resource stands, by the rules of kstatus (cli-utils 0.37): what was seen of an older generation counts for nothing, Reconciling comes before
 * Stalled. A job that has ended otherwise than the goal wants is a failure: waiting for a job that failed has no end.
 */
export function verdictOf(resource: KubeObject | undefined, goal: Goal): Verdict {
  if (resource === undefined) return { standing: 'waiting', message: 'there is none of that name' };
  if (resource.metadata.deletionTimestamp !== undefined) return { standing: 'failed', message: 'it is being deleted' };
  const status = (resource.status ?? {}) as Status;
  const ready = findCondition(status.conditions, 'Ready');
  const seen = ready?.observedGeneration ?? status.observedGeneration ?? 0;
  if (ready === undefined || seen < (resource.metadata.generation ?? 0)) {
    return { standing: 'waiting', message: 'its spec has not been seen yet' };
  }
  return ofSeen(status, ready, goal);
}

function ofSeen(status: Status, ready: Condition, goal: Goal): Verdict {
  const said = `${ready.reason}: ${ready.message}`;
  if (isTrue(status, 'Reconciling')) return { standing: 'waiting', message: said };
  if (isTrue(status, 'Stalled')) return { standing: 'failed', message: said };
  const state = jobState(status);
  if (ENDED_BADLY.has(state)) return { standing: 'failed', message: `${state}: ${said}` };
  const reached = ready.status === 'True' && (goal === 'ready' || ENDED_WELL.has(state));
  return { standing: reached ? 'reached' : 'waiting', message: state === '' ? said : `${state}, ${said}` };
}

function isTrue({ conditions }: Status, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

function jobState({ jobStatus, applicationState, state }: Status): string {
  return jobStatus?.state ?? applicationState?.state ?? state ?? '';
}
