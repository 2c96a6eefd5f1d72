import type { EventDraft } from '../../core/plan.ts';
import type { KubeObject } from '../../kube/object.ts';
import { normal, warning } from '../events.ts';
import type { AutoscaledFacts } from '../observed.ts';
import type { ScalingDecision, VertexChange } from './model.ts';
import type { AutoscalerSettings } from './settings.ts';
import type { StoredState } from './stored-state.ts';

interface Told {
  readonly settings: AutoscalerSettings;
  readonly facts: AutoscaledFacts | undefined;
  readonly now: Date;
}

/** Words that tools look for in the message of a ScalingReport (Flink Kubernetes Operator 1.15, AutoScalerEventHandler). */
const HEADER = {
  enabled: 'Scaling execution enabled, begin scaling vertices:',
  disabled: 'Scaling execution disabled by config ',
} as const;

/** What is to be heard of a decision: a scaling each time, everything else at most once in `scaling.event.interval`. */
export function decisionEvents(told: Told, decision: ScalingDecision): readonly EventDraft[] {
  const notes = decision.notes.map(({ reason, vertex, message }) => {
    const draft = reason === 'ScalingLimited' ? warning(reason, message) : normal(reason, message);
    return sometimes(told, draft, vertex);
  });
  return [...notes, ...reportOf(told, decision)];
}

function reportOf(told: Told, { why, changes }: ScalingDecision): readonly EventDraft[] {
  const parallelism = changes.map(({ id, from, to }) => `${id} ${from} ${to}`).join(', ');
  switch (why.reason) {
    case 'Scaling':
      return [normal('ScalingReport', HEADER.enabled + changes.map(entry).join(''))];
    case 'ScalingDisabled':
      return [sometimes(told, normal('ScalingReport', withheld('scaling.enabled:false', changes)), parallelism)];
    case 'ExcludedPeriod':
      return [sometimes(told, normal('ScalingReport', withheld('excluded.periods', changes)), parallelism)];
    case 'MemoryPressure':
      return [sometimes(told, normal('MemoryPressure', why.message), '')];
    case 'QuotaReached':
      return [sometimes(told, warning('ResourceQuotaReached', why.message), '')];
    default:
      return [];
  }
}

function withheld(option: string, changes: readonly VertexChange[]): string {
  const header = `${HEADER.disabled}job.autoscaler.${option}, recommended parallelism change:`;
  return header + changes.map(entry).join('');
}

function entry({ id, from, to, trueRate, expectedRate, targetRate }: VertexChange): string {
  const [has, becomes, needs] = [trueRate, expectedRate, targetRate].map(amount);
  return `{ Vertex ID ${id} | Parallelism ${from} -> ${to} | Processing capacity ${has} -> ${becomes} | Target data rate ${needs}}`;
}

function amount(rate: number): string {
  return Number.isFinite(rate) ? rate.toFixed(2) : String(rate);
}

/** Metrics that are not there yet are no news while a job begins. */
export function failedReadingEvents(told: Told, failed: string): readonly EventDraft[] {
  const { runningSince = 0, askedAt = 0 } = told.facts ?? {};
  const stabilizes = askedAt - runningSince < told.settings.stabilizationMs;
  return stabilizes ? [] : [sometimes(told, warning('AutoscalerError', failed), '')];
}

/** What was stored and cannot be read is lost, once for each time it was stored. */
export function unreadableEvents(map: KubeObject | undefined, { unreadable }: StoredState): readonly EventDraft[] {
  if (map === undefined || unreadable.length === 0) return [];
  const { name, uid = '', resourceVersion = '' } = map.metadata;
  const message = `ConfigMap ${name}: what ${unreadable.join(', ')} held cannot be read; the autoscaler begins with that anew`;
  return [{ ...warning('AutoscalerError', message), dedupe: `${uid}/${resourceVersion}`, once: true }];
}

function sometimes({ settings, now }: Told, draft: EventDraft, about: string): EventDraft {
  const span = Math.floor(now.getTime() / Math.max(1000, settings.eventIntervalMs));
  return { ...draft, dedupe: `${draft.reason}/${about}/${span}`, once: true };
}
