import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runConfig } from './run-command.ts';
import { OPTIONS, pickOption } from './run-options.ts';

const LEASE = 'kubernetes.operator.leader-election.lease-name';

describe('options of weir run', () => {
  it('prefers flag, then environment, then the mounted configuration, then the default', () => {
    const flags = { leaseName: 'by-flag' };
    const env = { WEIR_LEASE_NAME: 'by-env' };
    const configuration = { [LEASE]: 'by-file' };
    expect(pickOption('leaseName', { flags, env, configuration })).toEqual({ source: '--lease-name', text: 'by-flag' });
    expect(pickOption('leaseName', { flags: {}, env, configuration })).toEqual({
      source: 'WEIR_LEASE_NAME',
      text: 'by-env',
    });
    expect(pickOption('leaseName', { flags: {}, env: {}, configuration })).toEqual({ source: LEASE, text: 'by-file' });
    expect(pickOption('leaseName', { flags: {}, env: {}, configuration: {} })?.text).toBe('weir');
  });

  it('reads old names of the mounted configuration after the ones of today, and takes blanks for nothing', () => {
    const [old, today] = [
      'kubernetes.operator.reconciler.max.parallelism',
      'kubernetes.operator.reconcile.parallelism',
    ];
    const picked = (configuration: Record<string, string>) =>
      pickOption('workers', { flags: {}, env: {}, configuration })?.text;
    expect(picked({ [old]: '7', [today]: '8' })).toBe('8');
    expect(picked({ [old]: ' 7 ', [today]: ' ' })).toBe('7');
    expect(picked({ [old]: '' })).toBe('400');
  });

  it('does not start with a value of the mounted configuration that is not valid', () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-run-'));
    writeFileSync(join(folder, 'config.yaml'), 'kubernetes.operator.job.restart.failed: maybe\n');
    const env = { POD_NAMESPACE: 'ops', FLINK_CONF_DIR: folder };
    const message = 'kubernetes.operator.job.restart.failed: "maybe" is not valid, it must be true or false';
    expect(() => runConfig({}, env)).toThrow(message);
    rmSync(folder, { recursive: true });
  });

  it('prefers the environment for the watched namespaces, unless it is empty', () => {
    const flags = { watchNamespaces: 'by-flag' };
    const picked = (value: string) =>
      pickOption('watchNamespaces', { flags, env: { WATCH_NAMESPACES: value }, configuration: {} })?.text;
    expect([picked('by-env'), picked('')]).toEqual(['by-env', 'by-flag']);
  });

  it('names every flag and variable once', () => {
    const infos = Object.values(OPTIONS);
    expect(new Set(infos.map(({ flag }) => flag)).size).toBe(infos.length);
    expect(new Set(infos.map(({ env }) => env)).size).toBe(infos.length);
  });

  it('works as the chart starts it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-run-'));
    writeFileSync(join(folder, 'config.yaml'), 'web:\n  timeout: 1\nkubernetes.operator.flink.client.timeout: 3 s\n');
    const env = { POD_NAME: 'weir-0', POD_NAMESPACE: 'ops', WATCH_NAMESPACES: 'a,b', FLINK_CONF_DIR: folder };
    const config = runConfig({ httpPort: '8085', leaderElection: 'true' }, env);
    rmSync(folder, { recursive: true });
    expect(config).toMatchObject({
      watchNamespaces: ['a', 'b'],
      identity: 'weir-0',
      httpPort: 8085,
      leaderElection: { leaseName: 'weir', leaseNamespace: 'ops' },
      flink: {
        configuration: { 'web.timeout': '1', 'kubernetes.operator.flink.client.timeout': '3 s' },
        probe: { timeoutMs: 3000 },
      },
    });
  });
});
