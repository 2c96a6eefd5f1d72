import type { KubeObject } from '../../../../kube/object.ts';
import { isRecord } from '../../../../lib/json.ts';
import type { ScheduledSparkApplicationStatus } from '../../../../spark/schedule/schema.ts';
import { succeeded } from '../../../spark/truth.ts';
import type { SeenStatus } from '../../witness.ts';
import type { ScheduleEvidence } from './evidence.ts';
import { dueMsOf, tickOf } from './ticks.ts';

/** What a schedule's status says: never what is not so, at last how it is, and of each time that passed without a run. */
export function scheduleTold(evidence: ScheduleEvidence): readonly string[] {
  const lies = evidence.witness.statuses.flatMap((seen) => {
    const lie = lieIn(evidence, seen);
    return lie === undefined ? [] : [`${lie} at ${new Date(seen.atMs).toISOString().slice(11, 19)}`];
  });
  return [...lies.slice(0, 3), ...untold(evidence), ...lastUntold(evidence)];
}

function statusOf({ status }: KubeObject): ScheduledSparkApplicationStatus {
  return isRecord(status) ? (status as ScheduledSparkApplicationStatus) : {};
}

/** Not judged: what another operator left behind. */
function lieIn({ witness, truth }: ScheduleEvidence, { atMs, object }: SeenStatus): string | undefined {
  const status = statusOf(object);
  const { observedGeneration, lastRunSeen, lastRunName = '', nextRun } = status;
  if (observedGeneration === undefined) return undefined;
  if (observedGeneration > (object.metadata.generation ?? 0)) return 'observedGeneration is ahead';
  const known = [
    ...witness.made.filter((made) => made.atMs <= atMs).map(({ run }) => run.metadata.name),
    ...before(witness),
  ];
  if (lastRunSeen !== undefined && !known.includes(lastRunSeen))
    return `${tickOf(lastRunSeen)} is seen, and was never made`;
  const dueMs = dueMsOf(lastRunName);
  if (dueMs !== undefined && dueMs >= Date.parse(nextRun ?? '9999-01-01')) return `${nextRun} is next, and has been`;
  const well = truth.runs.filter((run) => succeeded(run) && (run.endedMs ?? 0) <= atMs);
  const endedWell = (name: string): boolean => well.some(({ application }) => application.endsWith(`/${name}`));
  const wrong = [
    ...(status.pastSuccessfulRunNames ?? []).filter((name) => !endedWell(name)),
    ...(status.pastFailedRunNames ?? []).filter(endedWell),
  ];
  return wrong[0] === undefined ? undefined : `it is told wrongly what became of ${tickOf(wrong[0])}`;
}

/** Runs another operator left word of. */
function before({ statuses }: ScheduleEvidence['witness']): readonly (string | undefined)[] {
  return statuses
    .map(({ object }) => statusOf(object))
    .flatMap((status) => (status.observedGeneration === undefined ? [status.lastRunName] : []));
}

const SKIPPED = /the run due at (\S+)Z is skipped/;

/** Where a range of times that were missed begins and, before it, the time that counts in their place. */
const MISSED = /due at (\S+)Z\b.*; what was due from (\S+)Z on was missed/;

function untold({ witness, scenario, stage }: ScheduleEvidence): readonly string[] {
  const texts = [...witness.statuses.flatMap(({ object }) => messagesOf(object)), ...witness.events];
  return (scenario.missed ?? [])
    .filter((tick) => {
      const ms = Date.parse(`${new Date(stage.now()).toISOString().slice(0, 11)}${tick}:00Z`);
      return !texts.some((text) => tells(text, ms));
    })
    .map((tick) => `nobody is told that ${tick} passed without a run`);
}

function messagesOf(object: KubeObject): readonly string[] {
  const conditions = (statusOf(object).conditions ?? []) as readonly { readonly message?: string }[];
  return conditions.map(({ message = '' }) => message);
}

function tells(text: string, ms: number): boolean {
  if (Date.parse(`${SKIPPED.exec(text)?.[1]}Z`) === ms) return true;
  const [, until, from] = MISSED.exec(text) ?? [];
  return from !== undefined && Date.parse(`${from}Z`) <= ms && ms < Date.parse(`${until}Z`);
}

/** In the end: the last run that was made, those that are kept and are over, and when the next one is due. */
function lastUntold({ witness, schedule, objects, scenario }: ScheduleEvidence): readonly string[] {
  if (schedule === undefined) return [];
  const { lastRunName, nextRun, pastSuccessfulRunNames = [], pastFailedRunNames = [] } = statusOf(schedule);
  const last = witness.made.at(-1)?.run.metadata.name;
  const next = nextRun?.slice(11, 16);
  const over = objects
    .filter(({ kind, status }) => kind === 'SparkApplication' && isOver(status))
    .map(({ metadata }) => metadata.name);
  const told = [...pastSuccessfulRunNames, ...pastFailedRunNames];
  return [
    ...(lastRunName === last ? [] : [`${lastRunName} is told to be the last run, which is ${last}`]),
    ...(next === scenario.next ? [] : [`${next} is told to be next, not ${scenario.next}`]),
    ...(told.toSorted().join() === over.toSorted().join() ? [] : [`${told} are told to be over, and ${over} are`]),
  ];
}

function isOver(status: unknown): boolean {
  const { applicationState } = (isRecord(status) ? status : {}) as { applicationState?: { state?: string } };
  return applicationState?.state === 'COMPLETED' || applicationState?.state === 'FAILED';
}
