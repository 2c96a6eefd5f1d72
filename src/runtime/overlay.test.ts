import { describe, expect, it } from 'vitest';
import { refOf } from '../kube/object.ts';
import { createOverlay } from './overlay.ts';
import { createManualTime } from './testing/manual-time.ts';
import { POD, pod } from './testing/objects.ts';

function setup(reached: { version: string | undefined }) {
  const time = createManualTime();
  return { time, overlay: createOverlay(time, () => reached.version) };
}

const written = pod('x', { uid: 'u', resourceVersion: '20' });
const older = pod('x', { uid: 'u', resourceVersion: '10' });
const newer = pod('x', { uid: 'u', resourceVersion: '30' });
const query = { kind: POD, namespace: 'a', labels: { app: 'x' } };

describe('overlay', () => {
  it('shows a written object until the watch has reached its version', () => {
    const reached = { version: '10' };
    const { overlay } = setup(reached);
    overlay.wrote(written);
    expect(overlay.get(refOf(written), undefined)).toBe(written);
    expect(overlay.get(refOf(written), older)).toBe(written);
    expect(overlay.list(query, [older])).toEqual([written]);
    expect(overlay.list({ ...query, labels: { app: 'y' } }, [])).toEqual([]);
    reached.version = '20';
    expect(overlay.get(refOf(written), newer)).toBe(newer);
  });

  it('believes the watch when it passed the version and the object is not there', () => {
    const reached = { version: '10' };
    const { overlay } = setup(reached);
    overlay.wrote(written);
    reached.version = '25';
    expect(overlay.get(refOf(written), undefined)).toBeUndefined();
  });

  it('keeps what was written while the kind is being listed', async () => {
    const { overlay, time } = setup({ version: undefined });
    overlay.wrote(written);
    await time.advance(600_000);
    expect(overlay.get(refOf(written), older)).toBe(written);
  });

  it('hides a removed object, but not its successor', () => {
    const { overlay } = setup({ version: '10' });
    overlay.removed(refOf(older), 'u');
    expect(overlay.list(query, [older])).toEqual([]);
    expect(overlay.get(refOf(older), older)).toBeUndefined();
    const successor = pod('x', { uid: 'v', resourceVersion: '12' });
    expect(overlay.get(refOf(older), successor)).toBe(successor);
  });

  it('forgets what was removed and is never asked for again, as in a namespace that is gone', async () => {
    const { overlay, time } = setup({ version: '10' });
    const removeIn = (prefix: string): void => {
      for (let n = 0; n < 300; n += 1) overlay.removed({ ...POD, namespace: `${prefix}${n}`, name: 'x' }, 'u');
    };
    removeIn('before-');
    expect(overlay.size).toBe(300);
    await time.advance(61_000);
    removeIn('after-');
    expect(overlay.size).toBe(300);
  });

  it('forgets versions it cannot compare after a while', async () => {
    const { overlay, time } = setup({ version: 'opaque' });
    overlay.wrote(pod('x', { uid: 'u', resourceVersion: 'other' }));
    expect(overlay.get(refOf(older), older)).not.toBe(older);
    await time.advance(61_000);
    expect(overlay.get(refOf(older), older)).toBe(older);
  });
});
