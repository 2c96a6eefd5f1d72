import { CAPACITY_CONDITION } from '../core/capacity/condition.ts';
import { askWhetherItFits, isGated, NO_CHECK, type StartCheck } from '../core/capacity/gate.ts';
import type { ClusterCapacity } from '../core/capacity/survey.ts';
import { capacityVerdict, type Verdict } from '../core/capacity/verdict.ts';
import type { Fact } from '../core/fact.ts';
import { type Condition, findCondition } from '../kube/conditions.ts';
import type { KubeObject } from '../kube/object.ts';
import { clusterPods } from './demand.ts';
import { effectiveConf, type OperatorDefaults } from './flink-conf.ts';
import type { FlinkRecord } from './record.ts';
import type { FlinkDeployment, FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';

/** A start that is wanted or under way. */
export interface PendingStart {
  readonly resource: KubeObject;
  readonly status: FlinkDeploymentStatus | undefined;
  readonly record: FlinkRecord | undefined;
  /** What is to run. */
  readonly spec: FlinkDeploymentSpec;
  /** The spec asks for another run than the recorded one. */
  readonly asksForRestart: boolean;
  readonly capacity: Fact<ClusterCapacity>;
  /** All pods of the resource, of any run. */
  readonly pods: readonly KubeObject[];
  readonly defaults: OperatorDefaults;
  readonly now: Date;
}

/**
 * Compares the pods that are to run with what the cluster can give, at any moment of a start: pods of the resource that
 * are there already, of the old run or the new one, count as free, since the demand is all of the new run.
 */
export function checkStart(start: PendingStart): StartCheck {
  const gated = isGated(start.resource) && isOpen(start);
  if (!gated && !isWorthKnowing(start)) return NO_CHECK;
  const open = isOpen(start);
  return askWhetherItFits({ ...start, open, gated, judge: (answer) => verdictOn(start, answer) });
}

/** Another run is wanted and nothing was done about it yet: what runs, if anything does, can still be left alone. */
function isOpen({ asksForRestart, record }: PendingStart): boolean {
  if (!asksForRestart) return false;
  return (
    record === undefined ||
    (record.state === 'DEPLOYED' && record.stopping === undefined && record.scaling === undefined)
  );
}

/** A start is wanted or under way, and was not found to fit for this generation yet. */
function isWorthKnowing(start: PendingStart): boolean {
  if (isOpen(start)) return true;
  const { resource, status } = start;
  const condition = capacityCondition(status);
  const passed = condition?.status === 'True' && condition.observedGeneration === resource.metadata.generation;
  return !passed && isUnderWay(start);
}

/** By what was last said of it, so that a resource at rest costs nothing, least of all after a restart of the operator. */
function isUnderWay({ record, status }: PendingStart): boolean {
  if (record === undefined || record.state === 'UPGRADING') return true;
  return findCondition(conditionsOf(status), 'Reconciling')?.status === 'True';
}

type Wanted = Pick<PendingStart, 'resource' | 'spec' | 'pods' | 'defaults'>;

function verdictOn({ resource, spec, defaults, pods }: Wanted, answer: ClusterCapacity): Verdict {
  const deployment = { ...resource, spec } as FlinkDeployment;
  const leaving = new Set(pods.flatMap(({ metadata }) => metadata.uid ?? []));
  return capacityVerdict({ groups: clusterPods(deployment, effectiveConf(deployment, defaults)), leaving }, answer);
}

/** The verdict on a spec that would be started now; what is not known makes it unknown. */
export function checkCapacity(wanted: Wanted, capacity: Fact<ClusterCapacity>): Verdict {
  if (capacity.kind === 'known') return verdictOn(wanted, capacity.value);
  return { kind: 'unknown', message: capacity.kind === 'unknown' ? capacity.why : 'nothing is known of the cluster' };
}

function conditionsOf(status: FlinkDeploymentStatus | undefined): readonly Condition[] {
  return (status?.conditions ?? []) as readonly Condition[];
}

function capacityCondition(status: FlinkDeploymentStatus | undefined): Condition | undefined {
  return findCondition(conditionsOf(status), CAPACITY_CONDITION);
}
