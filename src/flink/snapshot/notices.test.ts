import { describe, expect, it } from 'vitest';
import { unasked } from '../../core/fact.ts';
import { SNAPSHOT_ADMISSION } from './admission.ts';
import { decideSnapshot } from './decide.ts';
import type { FlinkStateSnapshotSpec, FlinkStateSnapshotStatus } from './schema.ts';
import { snapshotSituation } from './situation.ts';
import { aSnapshot } from './testing.ts';

const there = { path: 's3://b/savepoint-1', alreadyExists: true } as const;
const jobReference = { kind: 'FlinkDeployment', name: 'orders' } as const;

function warned(spec: FlinkStateSnapshotSpec): readonly string[] {
  return SNAPSHOT_ADMISSION.judge(aSnapshot({ spec }), { get: () => undefined, list: () => [] }).warnings;
}

function events(spec: FlinkStateSnapshotSpec, status: FlinkStateSnapshotStatus = {}) {
  const observed = { job: undefined, rest: unasked, others: [], dependants: [] };
  const situation = snapshotSituation(aSnapshot({ spec, status }), observed, new Date(0), { flinkConfiguration: {} });
  return decideSnapshot(situation, 250).events.filter(({ reason }) => reason === 'FieldNotApplied');
}

describe('what a FlinkStateSnapshot has in vain is named', () => {
  it.each<[string, FlinkStateSnapshotSpec, string]>([
    [
      'attempts of what is there already',
      { jobReference, savepoint: there, backoffLimit: 3 },
      'spec.backoffLimit has no effect: spec.savepoint.alreadyExists is true, so nothing is taken',
    ],
    [
      'the deletion of files that nobody can delete',
      { savepoint: { ...there, disposeOnDelete: true } },
      'spec.savepoint.disposeOnDelete has no effect: spec.jobReference names no job whose JobManager could delete the savepoint',
    ],
  ])('%s: at admission, and once as an event', (_what, spec, sentence) => {
    expect(warned(spec)).toEqual([sentence]);
    expect(events(spec)).toMatchObject([{ message: sentence, dedupe: '1', once: true }]);
    expect(events(spec, { state: 'COMPLETED', observedGeneration: 1 })).toEqual([]);
    // Taken by the Flink Kubernetes Operator, which writes no generation.
    expect(events(spec, { state: 'COMPLETED', path: there.path })).toEqual([]);
  });

  it('but not the format of what an upgrade took, nor what is refused', () => {
    const savepoint = { ...there, formatType: 'NATIVE', disposeOnDelete: true } as const;
    expect(warned({ jobReference, savepoint })).toEqual([]);
    expect(warned({ jobReference, savepoint: {}, backoffLimit: 3 })).toEqual([]);
    expect(warned({ savepoint: { alreadyExists: true }, backoffLimit: 3 })).toEqual([]);
  });
});
