import { describe, expect, it } from 'vitest';
import { pkiAt } from '../pki/cluster-pki.ts';
import { planAddresses } from './addresses.ts';
import { parseMounts } from './cleanup.ts';
import { isNodeReady } from './cluster.ts';
import { type ClusterPlan, clusterPrograms, componentNames, components } from './components.ts';
import { configFiles } from './configuration.ts';
import { containerdConfig } from './containerd.ts';
import { foldersOf } from './folders.ts';

function planOf(name: string, index: number): ClusterPlan {
  const folders = foldersOf(name);
  const programs = Object.fromEntries(
    clusterPrograms.map((program) => [program, `/programs/${program}`]),
  ) as ClusterPlan['programs'];
  return { folders, addresses: planAddresses(index), pki: pkiAt(folders.pki), programs };
}

describe('components', () => {
  it('are all there, each after what it needs', () => {
    const all = components(planOf('weir', 0));
    expect(all.map(({ name }) => name)).toEqual([...componentNames]);
    for (const [index, component] of all.entries()) {
      const before = all.slice(0, index).map(({ name }) => name);
      for (const need of component.needs) expect(before).toContain(need);
    }
  });

  it('share no folder, address or control group with those of another cluster', () => {
    const [one, two] = [planOf('one', 0), planOf('two', 1)].map((plan) => {
      const text = JSON.stringify([
        components(plan),
        configFiles(plan),
        containerdConfig(plan.folders, { configFolder: '' }),
      ]);
      return new Set(
        [...text.matchAll(/\b(?:172|10)\.\d+\.\d+\.\d+|\/weir-\w+|[\w/-]*weir-clusters\/\w+/g)].map(([match]) => match),
      );
    });
    const shared = [...(one ?? [])].filter((value) => two?.has(value) === true);
    expect(shared).toEqual([]);
    expect(one?.size).toBeGreaterThan(5);
  });

  it('resolve cluster names before all others', () => {
    const corefile = configFiles(planOf('weir', 0)).Corefile ?? '';
    const [cluster = '', others = ''] = corefile.split(/^\}$/m);
    expect(cluster).toMatch(/^cluster\.local:53/);
    expect(cluster).not.toContain('template');
    expect(others).toContain('NXDOMAIN');
  });
});

describe('parseMounts', () => {
  const text = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '30 22 0:30 / /clusters/a/run/kubelet/pods/x rw - tmpfs tmpfs rw',
    '31 22 0:31 / /clusters/a/run/with\\040space rw - tmpfs tmpfs rw',
    '32 22 0:32 / /clusters/a/running rw - tmpfs tmpfs rw',
    '33 22 0:33 / /clusters/a/run rw - tmpfs tmpfs rw',
    '',
  ].join('\n');

  it('finds what is at or below a folder, and nothing that only begins like it', () => {
    expect(parseMounts(text, '/clusters/a/run')).toEqual([
      '/clusters/a/run/kubelet/pods/x',
      '/clusters/a/run/with space',
      '/clusters/a/run',
    ]);
    expect(parseMounts(text, '/clusters/b')).toEqual([]);
  });
});

describe('isNodeReady', () => {
  const node = (status: string): string => JSON.stringify({ status: { conditions: [{ type: 'Ready', status }] } });

  it('reads the condition', () => {
    expect(isNodeReady(node('True'))).toBe(true);
    expect(isNodeReady(node('False'))).toBe(false);
    expect(isNodeReady('{}')).toBe(false);
  });
});
