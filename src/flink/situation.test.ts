import { describe, expect, it } from 'vitest';
import { GATE_ANNOTATION } from '../core/capacity/gate.ts';
import { refusalOf } from './situation.ts';
import { aFlinkDeployment } from './testing.ts';

describe('what keeps a spec from being acted on', () => {
  const fine = aFlinkDeployment();
  const defaults = { flinkConfiguration: {} };

  it('goes by the name, the annotations and the defaults of the moment, whatever was said of the same spec before', () => {
    const renamed = { ...fine, metadata: { ...fine.metadata, name: 'Orders' } };
    const gated = { ...fine, metadata: { ...fine.metadata, annotations: { [GATE_ANNOTATION]: 'maybe' } } };
    const slotless = { flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '0' } };
    expect(refusalOf(fine, defaults)).toBeUndefined();
    expect(refusalOf(renamed, defaults)?.message).toContain('metadata.name');
    expect(refusalOf(gated, defaults)?.message).toContain(GATE_ANNOTATION);
    expect(refusalOf(fine, slotless)?.message).toContain('taskmanager.numberOfTaskSlots');
    expect(refusalOf({ ...fine }, defaults)).toBeUndefined();
  });
});
