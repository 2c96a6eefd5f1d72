import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkName, clusterNames, foldersOf, readRecord, writeRecord } from './folders.ts';

describe('cluster names', () => {
  it.each(['weir', 'a', 'check-a', 'e2e-12', 'a2345678901234567890'])('%s is one', (name) => {
    expect(checkName(name)).toBe(name);
  });

  it.each(['', 'Weir', '-a', 'a-', '1a', 'a_b', 'a/b', '..', 'a23456789012345678901'])('"%s" is none', (name) => {
    expect(() => checkName(name)).toThrow('not a cluster name');
    expect(() => foldersOf(name)).toThrow('not a cluster name');
  });
});

describe('records', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(`${tmpdir()}/weir-test-`);
    vi.stubEnv('WEIR_CLUSTERS', root);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(root, { recursive: true, force: true });
  });

  const record = { index: 3, up: true, fingerprint: 'f', bootId: 'b' };

  it('are read as they were written', async () => {
    expect(await readRecord('one')).toBeUndefined();
    await writeRecord('one', record);
    await writeRecord('one', { ...record, up: false });
    expect(await readRecord('one')).toEqual({ ...record, up: false });
  });

  it('count as none when they are damaged', async () => {
    await writeRecord('one', record);
    await writeFile(foldersOf('one').record, '{"index":3,"up"');
    expect(await readRecord('one')).toBeUndefined();
    await writeFile(foldersOf('one').record, '{"index":99,"up":true,"fingerprint":"f","bootId":"b"}');
    expect(await readRecord('one')).toBeUndefined();
  });

  it('name the clusters there are, without lock files', async () => {
    await writeRecord('two', record);
    await writeRecord('one', record);
    await writeFile(foldersOf('one').lock, '');
    expect((await clusterNames()).sort()).toEqual(['one', 'two']);
  });
});
