import { VERTEX_PARALLELISM } from './conf/scheduling.ts';
import { type FlinkRecord, recordedWish } from './record.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import { type SpecDiff, specDiff } from './spec-diff.ts';
import { asWayOut } from './way-out.ts';

/**
 * What the step from what was recorded to a spec asks for. What could not be scaled in place takes another run, whether or
 * not anything else differs.
 */
export function diffFrom(record: FlinkRecord | undefined, spec: FlinkDeploymentSpec): SpecDiff {
  if (record === undefined) return { kind: 'upgrade', paths: [] };
  const diff = asWayOut(specDiff(recordedWish(record), spec), spec, record);
  if (record.scaling?.failed === undefined || diff.kind === 'redeploy') return diff;
  return {
    kind: 'upgrade',
    paths: diff.paths.length === 0 ? [`flinkConfiguration.${VERTEX_PARALLELISM}`] : diff.paths,
  };
}
