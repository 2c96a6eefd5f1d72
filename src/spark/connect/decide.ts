import type { Failure } from '../../core/failure.ts';
import type { Action, EventDraft, Plan } from '../../core/plan.ts';
import { isBeingDeleted, refOf } from '../../kube/object.ts';
import { noticeEvents } from '../change-events.ts';
import { decide, decideFailed, type SparkPlan } from '../decide.ts';
import { deletion } from '../policies/stop.ts';
import { clientService, SERVICE_HASH, serverPod } from './desired.ts';
import { connectWarnings, fieldsOfServer } from './notices.ts';
import type { SparkConnectStatus } from './schema.ts';
import type { ConnectSituation } from './situation.ts';
import { connectStatus } from './status.ts';

/** What one pass over a SparkConnect wants done. */
export type ConnectPlan = Plan<SparkConnectStatus, never>;

/**
 * Decides one pass: what becomes of the server is decided as for an application that is run again whenever it ends, and the
 * Service clients use stands beside it. Pure: the same situation gives the same plan.
 */
export function decideConnect(situation: ConnectSituation): ConnectPlan {
  const plan = decide(situation.run);
  if (isBeingDeleted(situation.resource)) return { ...plan, status: undefined };
  return { ...ofServer(situation, plan), actions: [...serviceActions(situation), ...podActions(situation, plan)] };
}

/** What a pass that failed says of itself; undefined when nothing has to be said. */
export function decideConnectFailed(situation: ConnectSituation, failure: Failure): ConnectPlan | undefined {
  const plan = decideFailed(situation.run, failure);
  return plan === undefined ? undefined : { ...ofServer(situation, plan), actions: [] };
}

function ofServer(situation: ConnectSituation, plan: SparkPlan): Omit<ConnectPlan, 'actions'> {
  const { status, events, actions: _actions, ...rest } = plan;
  return {
    ...rest,
    status: status === undefined ? undefined : connectStatus(situation, status),
    events: [
      ...events.map(eventOfServer),
      ...noticeEvents(situation.run, () => connectWarnings(situation.resource, situation.spec)),
    ],
  };
}

/** Events of applications and drivers, in the words of a SparkConnect. */
function eventOfServer(event: EventDraft): EventDraft {
  const reason = event.reason.replace('SparkApplication', 'SparkConnect').replace('SparkDriver', 'SparkConnectServer');
  const message = event.message.replaceAll('SparkApplication ', 'SparkConnect ').replaceAll('Driver ', 'Server ');
  return { ...event, reason, message: fieldsOfServer(message) };
}

function podActions({ spec }: ConnectSituation, { actions }: SparkPlan): readonly Action<never>[] {
  return actions.map((action) =>
    action.kind === 'create' && action.object.kind === 'Pod'
      ? { ...action, object: serverPod(action.object, spec) }
      : action,
  );
}

/** The Service is made, changed when the spec says another one, and deleted under a name it had before. */
function serviceActions({ resource, spec, refusal, observed }: ConnectSituation): readonly Action<never>[] {
  if (refusal !== undefined) return [];
  const wanted = clientService(resource, spec);
  const hash = wanted.metadata.annotations?.[SERVICE_HASH];
  const isWanted = (name: string): boolean => name === refOf(wanted).name;
  const there = observed.services.find(({ metadata }) => isWanted(metadata.name));
  const old = observed.services.filter(({ metadata }) => !isWanted(metadata.name));
  return [
    ...(there?.metadata.annotations?.[SERVICE_HASH] === hash
      ? []
      : [{ kind: 'apply', object: wanted, because: 'clients find the server by it' } as const]),
    ...old.flatMap((service) => deletion(service, 'the Service has another name now')),
  ];
}
