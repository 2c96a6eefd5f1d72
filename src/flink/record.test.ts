import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSpec, newJobId, readRecord, recordedWish, startIdOf } from './record.ts';
import { aFlinkDeploymentSpec } from './testing.ts';

const spec = aFlinkDeploymentSpec();

function recordOf(text: string, state: 'DEPLOYED' | 'UPGRADING' = 'DEPLOYED') {
  return readRecord({
    reconciliationStatus: { lastReconciledSpec: text, state, reconciliationTimestamp: 5 },
    jobStatus: { jobId: 'abc' },
  });
}

describe('the record', () => {
  it('is read back as it was written', () => {
    expect(recordOf(encodeSpec(spec, 'running', true))).toEqual({
      state: 'DEPLOYED',
      spec: { ...spec, job: { ...spec.job, state: 'running' } },
      jobState: 'running',
      firstDeployment: true,
      timestamp: 5,
      jobId: 'abc',
      restore: { mode: 'stateless', why: 'recorded by another operator' },
    });
  });

  it('holds what the incumbent looks for', () => {
    const text = encodeSpec(spec, 'suspended', false);
    expect(JSON.parse(text)).toMatchObject({
      spec: { job: { state: 'suspended' } },
      resource_metadata: { apiVersion: 'flink.apache.org/v1beta1', firstDeployment: false },
    });
  });

  it('reads the bare form of early releases', () => {
    const record = recordOf(
      JSON.stringify({ apiVersion: 'flink.apache.org/v1beta1', image: 'x', job: { state: 'running' } }),
    );
    expect(record?.spec).toEqual({ image: 'x', job: { state: 'running' } });
    expect(record?.firstDeployment).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a bare null', 'null'],
    ['no spec', '{"resource_metadata":{}}'],
  ])('is absent for %s', (_name, text) => {
    expect(recordOf(text)).toBeUndefined();
  });

  it('wishes a start that is under way to run, and a suspended job to stay so', () => {
    const text = encodeSpec(spec, 'suspended', false);
    const wishes = (['UPGRADING', 'DEPLOYED'] as const).map((state) => {
      const record = recordOf(text, state);
      return record === undefined ? undefined : recordedWish(record).job?.state;
    });
    expect(wishes).toEqual(['running', 'suspended']);
  });
});

describe('names of a start', () => {
  it('are the same for the same decision and differ for every other', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), (uid, generation, time) => {
        expect(newJobId(uid, generation, time)).toMatch(/^[0-9a-f]{32}$/);
        expect(newJobId(uid, generation, time)).toBe(newJobId(uid, generation, time));
        expect(newJobId(uid, generation, time + 1)).not.toBe(newJobId(uid, generation, time));
        const start = { jobId: 'a', timestamp: time };
        expect(startIdOf(uid, start)).not.toBe(startIdOf(uid, { ...start, timestamp: time + 1 }));
        expect(startIdOf(uid, start)).not.toBe(startIdOf(`${uid}x`, start));
      }),
    );
  });
});
