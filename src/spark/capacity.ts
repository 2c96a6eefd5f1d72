import { askWhetherItFits, isGated, NO_CHECK, type StartCheck } from '../core/capacity/gate.ts';
import type { ClusterCapacity } from '../core/capacity/survey.ts';
import { capacityVerdict, type Verdict } from '../core/capacity/verdict.ts';
import type { Fact } from '../core/fact.ts';
import { podTrouble } from '../core/pod-trouble.ts';
import type { KubeObject } from '../kube/object.ts';
import { applicationPods } from './demand.ts';
import type { Observed } from './observed.ts';
import type { SparkRecord } from './record.ts';
import type { ApplicationState, SparkApplication } from './schema.ts';
import type { SparkSettings } from './settings.ts';

/** A submission that is wanted or under way. */
export interface PendingSubmission {
  readonly application: SparkApplication | undefined;
  readonly record: SparkRecord;
  /** The spec asks for another run than the recorded one. */
  readonly changed: boolean;
  readonly observed: Observed;
  readonly settings: SparkSettings;
  readonly now: Date;
}

/**
 * Compares what is to be submitted with what the cluster can give: driver and executors as they start, where pods of the
 * application that are there already count as free. Under the gate before a driver is made; without it, since a thousand
 * may be submitted a minute, only once Kubernetes finds no place for one of its pods.
 */
export function checkSubmission(pending: PendingSubmission): StartCheck {
  const { application, observed, settings, now } = pending;
  if (application === undefined) return NO_CHECK;
  const gated = isGated(application) && isOpen(pending);
  if (!gated && !isStuck(observed)) return NO_CHECK;
  const pods = [...observed.drivers, ...observed.executors];
  return askWhetherItFits({
    capacity: observed.capacity,
    open: gated,
    gated,
    now,
    judge: (answer) => verdictOn({ application, pods, settings }, answer),
  });
}

/** States that a submission comes after, if it is wanted. */
const BEFORE: ReadonlySet<ApplicationState> = new Set([
  '',
  'PENDING_RERUN',
  'RESUMING',
  'SUSPENDED',
  'SUSPENDING',
  'INVALIDATING',
  'SUBMISSION_FAILED',
]);

/** A submission is wanted and nothing was done about it yet. */
function isOpen({ application, record, changed, observed }: PendingSubmission): boolean {
  if (application?.spec.suspend === true) return false;
  if (record.state === '') return observed.drivers.length === 0;
  return changed || BEFORE.has(record.state);
}

function isStuck({ drivers, executors }: Observed): boolean {
  return [...drivers, ...executors].some((pod) => podTrouble(pod, 'driver')?.reason === 'Unschedulable');
}

/** What a verdict is about. */
export interface Wanted {
  readonly application: SparkApplication;
  /** Live pods of the application. */
  readonly pods: readonly KubeObject[];
  readonly settings: SparkSettings;
}

function verdictOn({ application, pods, settings }: Wanted, answer: ClusterCapacity): Verdict {
  const leaving = new Set(pods.flatMap(({ metadata }) => metadata.uid ?? []));
  return capacityVerdict({ groups: applicationPods(application, settings), leaving }, answer);
}

/** The verdict on an application that would be submitted now; what is not known makes it unknown. */
export function checkCapacity(wanted: Wanted, capacity: Fact<ClusterCapacity>): Verdict {
  if (capacity.kind === 'known') return verdictOn(wanted, capacity.value);
  return { kind: 'unknown', message: capacity.kind === 'unknown' ? capacity.why : 'nothing is known of the cluster' };
}
