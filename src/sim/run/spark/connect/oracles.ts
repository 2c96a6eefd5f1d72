import type { KubeObject } from '../../../../kube/object.ts';
import { isRecord } from '../../../../lib/json.ts';
import type { SparkConnectStatus } from '../../../../spark/connect/schema.ts';
import { runningDrivers, type SparkTruth } from '../../../spark/truth.ts';
import type { Rule, Violation } from '../../scenario.ts';
import type { SeenStatus } from '../../witness.ts';
import { twice } from '../ledger.ts';
import { ended, quiet, STALE_MS, singleDriver, smallStatus } from '../oracles.ts';
import type { ConnectEvidence } from './evidence.ts';

/** Checks every invariant of a SparkConnect; a life without a finding is clean. */
export function judgeConnect(evidence: ConnectEvidence): readonly Violation[] {
  const rules: readonly (readonly [Rule, (evidence: ConnectEvidence) => readonly string[]])[] = [
    ['I1', singleDriver],
    ['I5', ({ truth }) => twice(truth.runs)],
    ['I6', nothingEarlyNothingLeft],
    ['I7', statusTrue],
    ['I9', quiet],
    ['I15', ({ witness }) => smallStatus(witness.statuses)],
    ['I16', lastIntentWins],
    ['I19', ({ misdeeds }) => misdeeds],
    ['starts', runsAsTold],
    ['end', stateAsTold],
  ];
  return rules.flatMap(([rule, check]) => check(evidence).map((text) => ({ rule, text })));
}

/** Clients find every server by the same Service, and nothing is there any more once the SparkConnect is gone. */
function nothingEarlyNothingLeft({ truth, witness, run, stage, connect, objects }: ConnectEvidence): readonly string[] {
  const lost = witness.lostServices
    .filter(({ name, atMs }) => serviceNameAt(stage.intents, atMs) === name && !stage.dropped.has(`Service ${name}`))
    .map(({ name }) => `Service ${name} went, by which clients find the server`);
  const early = [...run.early, ...lost];
  if (connect !== undefined) return early;
  const left = objects.filter(({ metadata }) => metadata.labels?.['sparkoperator.k8s.io/connect-name'] !== undefined);
  const alive = runningDrivers(truth).map(({ id }) => `server ${id}`);
  const all = [...left.map(({ kind, metadata }) => `${kind} ${metadata.name}`), ...alive];
  return [...early, ...(all.length === 0 ? [] : [`left behind: ${all.join(', ')}`])];
}

function serviceNameAt(intents: ConnectEvidence['stage']['intents'], atMs: number): string | undefined {
  const spec = intents.findLast((intent) => intent.atMs <= atMs)?.spec;
  if (spec === undefined) return undefined;
  const { service } = (isRecord(spec.server) ? spec.server : {}) as { service?: { metadata?: { name?: string } } };
  return service?.metadata?.name ?? 'query-server';
}

function statusOf(object: KubeObject | undefined): SparkConnectStatus {
  return isRecord(object?.status) ? (object.status as SparkConnectStatus) : {};
}

function statusTrue(evidence: ConnectEvidence): readonly string[] {
  const { truth, witness, connect } = evidence;
  const lies = witness.statuses.flatMap((seen) => {
    const lie = lieIn(truth, seen);
    return lie === undefined ? [] : [`${lie} at ${new Date(seen.atMs).toISOString().slice(11, 23)}`];
  });
  return [...lies.slice(0, 3), ...(connect === undefined ? [] : untoldInTheEnd(evidence))];
}

function lieIn(truth: SparkTruth, { atMs, object }: SeenStatus): string | undefined {
  const { state, observedGeneration = 0 } = statusOf(object);
  if (observedGeneration > (object.metadata.generation ?? 0)) return 'observedGeneration is ahead';
  const runs = truth.runs.filter(({ startedMs }) => startedMs <= atMs);
  if (state === 'Ready') {
    return runs.some((run) => ended(run) >= atMs - STALE_MS) ? undefined : 'Ready, when no server was';
  }
  const over = state === 'Failed' || state === 'Completed';
  return over && runs.some((run) => ended(run) > atMs) ? `${state}, when a server ran` : undefined;
}

/** What has been running for long is in status, and nothing that has long ended. */
function untoldInTheEnd({ truth, connect, objects }: ConnectEvidence): readonly string[] {
  const { state, server, executors } = statusOf(connect);
  const [run] = runningDrivers(truth);
  if (run === undefined) return state === 'Ready' ? ['no server runs and status says Ready'] : [];
  const pod = objects.find(({ kind, metadata }) => kind === 'Pod' && metadata.name === run.pod);
  const { podIP } = (pod?.status ?? {}) as { readonly podIP?: string };
  const told = [state, server?.podName, server?.podIp, executors?.running ?? 0].join(', ');
  const is = ['Ready', run.pod, podIP, run.executors].join(', ');
  return told === is ? [] : [`status says ${told}, and it is ${is}`];
}

/** In the end the server that runs is the one that was wanted last, and none where none is wanted. */
export function lastIntentWins({
  truth,
  stage,
  connect,
  scenario,
}: Pick<ConnectEvidence, 'truth' | 'stage' | 'connect' | 'scenario'>): readonly string[] {
  const spec = stage.intents.at(-1)?.spec;
  if (spec === undefined) return connect === undefined ? [] : ['it is to be gone, and still there'];
  const [run] = runningDrivers(truth);
  if (scenario.state !== 'Ready') return run === undefined ? [] : ['a server runs'];
  return run?.image === spec.image ? [] : [`${run?.image} runs, not ${spec.image}`];
}

function runsAsTold({ truth, scenario }: ConnectEvidence): readonly string[] {
  const { runs } = scenario;
  const [least, most] = typeof runs === 'number' ? [runs, runs] : runs;
  const found = truth.runs.length;
  return found >= least && found <= most ? [] : [`${found} servers ran, not ${least} to ${most}`];
}

function stateAsTold({ connect, scenario }: ConnectEvidence): readonly string[] {
  const state = connect === undefined ? undefined : statusOf(connect).state;
  return state === scenario.state ? [] : [`${state ?? 'gone'} in the end, not ${scenario.state ?? 'gone'}`];
}
