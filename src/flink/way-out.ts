import { type FlinkRecord, recordedFailure } from './record.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import type { SpecDiff } from './spec-diff.ts';

/**
 * After a restore that failed, edits that otherwise wait for the next upgrade ask for a start at once: to drop state that
 * cannot be mapped, or all of it, or to begin from other state than that of a first run.
 */
export function asWayOut(diff: SpecDiff, { job }: FlinkDeploymentSpec, record: FlinkRecord): SpecDiff {
  if (recordedFailure(record) === undefined || diff.kind !== 'ignore') return diff;
  const drops = job?.allowNonRestoredState === true && diff.paths.includes('job.allowNonRestoredState');
  const empties = (job?.upgradeMode ?? 'stateless') === 'stateless' && diff.paths.includes('job.upgradeMode');
  const begins = record.firstDeployment && diff.paths.includes('job.initialSavepointPath');
  return drops || empties || begins ? { ...diff, kind: 'upgrade' } : diff;
}
