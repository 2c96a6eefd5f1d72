import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { crdsOf } from './crds.ts';
import { applyCrd, type CrdStore, isNewer } from './crds-apply.ts';

const [ours] = crdsOf(['flink']);
if (ours === undefined) throw new Error('no CRD');
const crd: KubeObject = ours;

const established = { conditions: [{ type: 'Established', status: 'True' }] };

function stored(version: string | undefined, resourceVersion = '7'): KubeObject {
  const annotations: Record<string, string> = version === undefined ? {} : { 'weir.dev/version': version };
  return { ...crd, metadata: { ...crd.metadata, annotations, resourceVersion }, status: established };
}

/** A store that holds one CRD; `after` is what an apply leaves, `then` what is read after that, one after another. */
function store(before: KubeObject | undefined, after: KubeObject, then: readonly KubeObject[] = []) {
  const applied: KubeObject[] = [];
  let reads = 0;
  const parts: CrdStore = {
    get: async () => (applied.length === 0 ? before : then[Math.min(reads++, then.length - 1)]),
    apply: async (object) => {
      applied.push(object);
      return after;
    },
    pause: async () => undefined,
  };
  return { parts, applied };
}

describe('weir crds apply', () => {
  it.each([
    ['created', undefined, stored('0.1.0', '1')],
    ['updated', stored('0.0.9', '7'), stored('0.1.0', '8')],
    ['unchanged', stored('0.1.0', '7'), stored('0.1.0', '7')],
    ['updated', stored(undefined, '7'), stored('0.1.0', '8')],
  ] as const)('says %s', async (outcome, before, after) => {
    const { parts, applied } = store(before, after);
    expect(await applyCrd(parts, crd)).toBe(outcome);
    expect(applied).toEqual([crd]);
  });

  it('keeps the CRD of a newer version', async () => {
    const { parts, applied } = store(stored('99.0.0'), stored('0.1.0'));
    expect(await applyCrd(parts, crd)).toBe('kept');
    expect(applied).toEqual([]);
  });

  it('waits until the CRD is served, and says so when it never is', async () => {
    const waiting = { ...stored('0.1.0'), status: { conditions: [{ type: 'NamesAccepted', status: 'False' }] } };
    const fresh = { ...stored('0.1.0'), status: { conditions: null } };
    expect(await applyCrd(store(undefined, fresh, [waiting, stored('0.1.0')]).parts, crd)).toBe('created');
    await expect(applyCrd(store(undefined, waiting, [waiting]).parts, crd)).rejects.toThrow('NamesAccepted');
  });

  it.each([
    ['0.2.0', '0.1.9', true],
    ['0.1.10', '0.1.9', true],
    ['0.1.0', '0.1.0', false],
    ['0.1.0', '0.1.0-rc.1', true],
    ['0.1.0-rc.2', '0.1.0-rc.10', false],
    ['0.1.0-rc.1', '0.1.0', false],
    ['0.1.0+build', '0.1.0', false],
    [undefined, '0.1.0', false],
    ['0.1.0', undefined, true],
  ])('%s newer than %s: %s', (version, than, answer) => expect(isNewer(version, than)).toBe(answer));
});
