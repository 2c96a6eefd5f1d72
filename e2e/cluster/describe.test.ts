import { describe, expect, it } from 'vitest';
import { describeStatus, shellExports, shellQuote } from './describe.ts';
import { planAddresses } from './node/addresses.ts';
import { foldersOf } from './node/folders.ts';
import { freePorts } from './ports.ts';
import { isGoNewEnough } from './support.ts';

describe('shellQuote', () => {
  it.each([
    ['/plain/path-1.2', '/plain/path-1.2'],
    ['with space', "'with space'"],
    ["it's", "'it'\\''s'"],
    ['$HOME', "'$HOME'"],
    ['', "''"],
  ])('%s', (text, quoted) => {
    expect(shellQuote(text)).toBe(quoted);
  });
});

describe('shellExports', () => {
  it('puts the programs of a cluster on this machine before others', () => {
    const folders = foldersOf('weir');
    const text = shellExports({
      name: 'weir',
      kind: 'node',
      kubeconfig: '/a b/kubeconfig',
      bin: '/c',
      addresses: planAddresses(0),
      folders,
    });
    expect(text).toBe('export KUBECONFIG=\'/a b/kubeconfig\'\nexport PATH=/c:"$PATH"\n');
  });

  it('leaves PATH alone for others', () => {
    expect(shellExports({ name: 'mine', kind: 'context', kubeconfig: '/k', version: 'v1' })).toBe(
      'export KUBECONFIG=/k\n',
    );
  });
});

describe('describeStatus', () => {
  const base = { name: 'two', kind: 'node', kubernetes: 'v1', folder: '/f' } as const;

  it('tells how to begin', () => {
    expect(describeStatus({ ...base, state: 'down', components: [] })).toContain('npm run cluster -- up --name two');
  });

  it('points to the log of what is broken, and how to mend it', () => {
    const components = [
      { name: 'etcd', ready: false, log: '/f/etcd.log' },
      { name: 'kubelet', pid: 7, ready: true, log: '/f/kubelet.log' },
    ] as const;
    const text = describeStatus({ ...base, state: 'broken', components });
    expect(text).toContain('/f/etcd.log');
    expect(text).not.toContain('/f/kubelet.log');
    expect(text).toContain('pid 7');
    expect(text).toContain('mend it');
  });
});

describe('isGoNewEnough', () => {
  it.each([
    ['go1.26.0', true],
    ['go1.26', true],
    ['go1.27rc1', true],
    ['go2.0', true],
    ['devel go1.28-abc', true],
    ['go1.25.9', false],
    ['go1.3', false],
    ['', false],
  ])('%s: %s', (version, expected) => {
    expect(isGoNewEnough(version)).toBe(expected);
  });
});

describe('freePorts', () => {
  it('gives as many different ports as asked', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
  });
});
