import type { EventDraft } from '../core/plan.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FlinkReason, warning } from './events.ts';

/** The reasons of the events that tell of notices. */
export type NoticeReason = Extract<FlinkReason, 'UnknownOption' | 'FieldNotApplied' | 'SpecWarning'>;

/** A sentence about what works in a spec but should be looked at: at admission, in `weir plan` and as an event. */
export interface Notice {
  readonly reason: NoticeReason;
  readonly text: string;
}

/** Notices of one reason. */
export function noticesOf(reason: NoticeReason, texts: readonly string[]): readonly Notice[] {
  return texts.map((text) => ({ reason, text }));
}

/** Their sentences, in order. */
export function sentences(notices: readonly Notice[]): readonly string[] {
  return notices.map(({ text }) => text);
}

/** What of a resource tells which version of its spec was looked at. */
interface Seen {
  readonly resource: KubeObject;
  readonly status: { readonly observedGeneration?: number | undefined } | undefined;
}

/** Notices as events, one for each reason, once per generation of a spec; not asked for otherwise. */
export function noticeEvents({ resource, status }: Seen, notices: () => readonly Notice[]): readonly EventDraft[] {
  const { generation } = resource.metadata;
  if (status?.observedGeneration === generation) return [];
  return [...Map.groupBy(notices(), ({ reason }) => reason)].map(([reason, some]) => ({
    ...warning(reason, sentences(some).join('; ')),
    dedupe: `${generation}`,
    once: true,
  }));
}
