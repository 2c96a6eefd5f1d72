import type { FlinkDeploymentStatus } from '../../src/flink/status-schema.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { type Count, countingJob, lanes, readCount } from '../kit/count.ts';
import { type FlinkWish, flinkDeployment, flinkRest, type LiveFlink } from '../kit/flink.ts';
import { checkpointsOf, type JobOfStatus, type RunningWish, untilRunning } from './life.ts';
import { expect, expectEqual, type ScenarioContext } from './scenario.ts';

/** A FlinkDeployment of the counting job, that tells of itself and makes checkpoints every second. */
export function countingFlink(wish: FlinkWish): KubeObject {
  const often = { 'execution.checkpointing.interval': '1s', 'heartbeat.interval': '1000' };
  return flinkDeployment({
    ...wish,
    flinkConfiguration: { ...often, ...wish.flinkConfiguration },
    job: { ...countingJob(), ...wish.job },
  });
}

/** What the counting job with this parallelism looks like when it runs: a source of one task before what counts. */
export function counting(parallelism: number, after?: FlinkDeploymentStatus): RunningWish {
  return { parallelism, vertices: [1, parallelism], ...(after === undefined ? {} : { after }) };
}

/** Waits until a checkpoint has all that the counting job counted up to now, and returns how far that is. */
export async function untilKept(context: ScenarioContext, name: string, status: JobOfStatus): Promise<number> {
  const { count } = await untilCounted(context, name, status, 0);
  const { counts } = await checkpointsOf(context, name, status);
  // One may have been under way; the one after it began later than now.
  const wanted = counts.completed + 2;
  await context.until(`a checkpoint with the count of ${count}`, async () => {
    const { completed } = (await checkpointsOf(context, name, status)).counts;
    return completed >= wanted ? { done: completed } : { not: `${completed} of ${wanted} checkpoints` };
  });
  return count;
}

/**
 * Waits until the counting job runs and counts again, and checks that it went on from a state with at least `kept`
 * counted, and has not failed since.
 */
export async function untilContinued(
  context: ScenarioContext,
  name: string,
  wish: RunningWish,
  kept: number,
): Promise<LiveFlink> {
  const live = await untilRunning(context, name, wish);
  await continued(context, name, live.status, kept);
  return live;
}

/** Checks of a counting job that runs that it went on from a state with at least `kept` counted, and has not failed since. */
export async function continued(
  context: ScenarioContext,
  name: string,
  status: JobOfStatus,
  kept: number,
): Promise<void> {
  const { restored } = await untilCounted(context, name, status, kept);
  expect(restored > kept - lanes, `${name} went on from ${restored}, but ${kept} were in a checkpoint`);
  await neverMiscounted(context, name, status);
  context.say(`${name} went on from ${restored}, ${kept} were in a checkpoint`);
}

/** Waits until the counting job runs anew from nothing. */
export async function untilCountsAnew(context: ScenarioContext, name: string, wish: RunningWish): Promise<LiveFlink> {
  const live = await untilRunning(context, name, wish);
  const { restored } = await untilCounted(context, name, live.status, 0);
  expectEqual(`what ${name} began with`, restored, 0);
  await neverMiscounted(context, name, live.status);
  return live;
}

/** Waits until the counting job goes on where its source was, with at least `kept` counted before, but without its count. */
export async function untilCountIsLost(
  context: ScenarioContext,
  name: string,
  wish: RunningWish,
  kept: number,
): Promise<LiveFlink> {
  const live = await untilRunning(context, name, wish);
  const { count, restored } = await untilCounted(context, name, live.status, 0);
  expectEqual(`what ${name} found counted`, restored, 0);
  expect(count > kept - lanes, `${name} counted ${count} at first, but ${kept} were in a checkpoint`);
  return live;
}

async function untilCounted(
  context: ScenarioContext,
  name: string,
  { jobStatus }: JobOfStatus,
  beyond: number,
): Promise<Count> {
  return context.until(`${name} to count beyond ${beyond}`, async () => {
    const found = await readCount(context.kube, context.namespace, name, jobStatus?.jobId ?? '');
    return found !== undefined && found.count > beyond ? { done: found } : { not: JSON.stringify(found ?? 'no count') };
  });
}

/** The job says so itself when its state does not fit its input: that would be among the failures of this run. */
async function neverMiscounted(context: ScenarioContext, name: string, { jobStatus }: JobOfStatus): Promise<void> {
  const path = `/jobs/${jobStatus?.jobId ?? ''}/exceptions`;
  const answer = JSON.stringify(await flinkRest(context.kube, context.namespace, name, path));
  const miscounted = /weir: count [^"\\]*/.exec(answer)?.[0];
  expectEqual(`what ${name} says is wrong with its count`, miscounted, undefined);
}
