import type { KubeObject } from '../../src/kube/object.ts';
import type { Kube } from '../kit/kube.ts';

/** What the tests read of an event. */
export interface SeenEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Kinds of which the tests ask for events. */
const KINDS: readonly string[] = ['FlinkDeployment', 'SparkApplication', 'ScheduledSparkApplication'];

/** The events about the FlinkDeployment, SparkApplication or ScheduledSparkApplication of this name, with this reason if one is given. */
export async function eventsAbout(kube: Kube, namespace: string, name: string, reason?: string): Promise<SeenEvent[]> {
  const found = (await kube.list('events', namespace)) as (KubeObject &
    SeenEvent & { readonly involvedObject: { readonly kind: string; readonly name: string } })[];
  return found
    .filter(({ involvedObject: { kind, name: about } }) => KINDS.includes(kind) && about === name)
    .filter((event) => reason === undefined || event.reason === reason)
    .map(({ type, reason, message }) => ({ type, reason, message }));
}
