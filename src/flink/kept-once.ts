import { type FlinkRecord, runs } from './record.ts';

/**
 * What a record that follows remembers of the last start without state that an annotation asked for: that its text is used,
 * for as long as the resource is there. A start that was recorded and never begun is still to be had, with its arguments, by
 * one from the same state that is decided in its place.
 */
export function keptOnce(
  before: FlinkRecord | undefined,
  { timestamp, restore }: Pick<FlinkRecord, 'timestamp' | 'restore'>,
): Pick<FlinkRecord, 'once'> {
  const once = before?.once;
  if (before === undefined || once === undefined) return {};
  const alike = before.restore.mode === restore.mode && before.restore.path === restore.path;
  const unbegun = !runs(before) && once.at === before.timestamp && alike;
  return { once: unbegun ? { ...once, at: timestamp } : once };
}
