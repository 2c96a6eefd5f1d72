import { describe, expect, it } from 'vitest';
import { GATE_ANNOTATION } from '../core/capacity/gate.ts';
import { UNSEEN } from './observed.ts';
import { refusalOf, situationOf } from './situation.ts';
import { aSparkApplication } from './testing.ts';

describe('what keeps a spec from being acted on', () => {
  it('goes by the name, the labels and the annotations of the moment, whatever was said of the same spec before', () => {
    const fine = aSparkApplication();
    const [labels, annotations] = [{ 'spark-role': 'mine' }, { [GATE_ANNOTATION]: 'maybe' }];
    expect(refusalOf(fine)).toBeUndefined();
    expect(refusalOf({ ...fine, metadata: { ...fine.metadata, name: '1-name' } })?.message).toContain('metadata.name');
    expect(refusalOf({ ...fine, metadata: { ...fine.metadata, labels } })?.message).toContain('metadata.labels');
    expect(refusalOf({ ...fine, metadata: { ...fine.metadata, annotations } })?.message).toContain(GATE_ANNOTATION);
    expect(refusalOf({ ...fine })).toBeUndefined();
  });
});

describe('the hashes of a spec', () => {
  const hashesOf = (executor: object) => {
    const application = aSparkApplication();
    const spec = { ...application.spec, executor: { ...application.spec.executor, ...executor } };
    const { specHash, programHash } = situationOf({ ...application, spec }, UNSEEN, new Date(0));
    return { specHash, programHash };
  };

  it('are one where nothing is said of placement, and differ only by that', () => {
    const [plain, placed, sized] = [{}, { nodeSelector: { disk: 'ssd' } }, { instances: 7 }].map(hashesOf);
    expect(plain?.specHash).toBe(plain?.programHash);
    expect(placed?.specHash).not.toBe(plain?.specHash);
    expect(placed?.programHash).toBe(plain?.programHash);
    expect(sized?.programHash).not.toBe(plain?.programHash);
  });
});
