import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMetrics } from '../metrics/metrics.ts';
import { readConfFolder } from './conf-folder.ts';
import { type Configuration, createLiveConfiguration, type LiveConfiguration } from './live-configuration.ts';
import { silentLogger } from './logger.ts';
import { createManualTime } from './testing/manual-time.ts';
import { systemTime, type Time } from './time.ts';

let root = '';
let folder = '';
let live: LiveConfiguration | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weir-live-'));
  folder = join(root, 'mounted');
  mkdirSync(folder);
});
afterEach(async () => {
  await live?.stop();
  rmSync(root, { recursive: true });
});

const MINUTE = 60_000;

/** A live configuration of `folder`, whose key `bad` must not be there, and what it told. */
async function started(time: Time) {
  const changes: [Configuration, Configuration][] = [];
  const errors: object[] = [];
  const metrics = createMetrics({ version: 'test', processMetrics: false });
  const running = createLiveConfiguration({
    engine: 'flink',
    folder,
    read: readConfFolder,
    intervalMs: MINUTE,
    initial: readConfFolder(folder),
    problems: (configuration) => ('bad' in configuration ? ['bad: must not be there'] : []),
    changed: (current, before) => changes.push([current, before]),
    time,
    log: { ...silentLogger, error: (fields) => errors.push(fields) },
    metrics,
  });
  live = running;
  await running.start();
  const gauge = async (name: string): Promise<number | undefined> => {
    const metric = await metrics.registry.getSingleMetric(`weir_configuration_${name}`)?.get();
    return metric?.values[0]?.value;
  };
  return { live: running, changes, errors, gauge };
}

/** Puts files into the folder as the kubelet does: a new hidden folder, and one rename of the link to it. */
function mount(name: string, files: Record<string, string>): void {
  mkdirSync(join(folder, name));
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(folder, name, file), text);
  }
  symlinkSync(name, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

describe('a live configuration', () => {
  it('is read again when a mounted ConfigMap is replaced', async () => {
    mount('..1', { 'config.yaml': 'a: 1\n' });
    symlinkSync('..data/config.yaml', join(folder, 'config.yaml'));
    const { live, changes } = await started(systemTime);
    mount('..2', { 'config.yaml': 'a: 2\n' });
    await vi.waitFor(() => expect(changes).toEqual([[{ a: '2' }, { a: '1' }]]), 10_000);
    expect(live.current()).toEqual({ a: '2' });
  });

  it('is looked at from time to time too, and stays the same object while nothing changes', async () => {
    const time = createManualTime();
    writeFileSync(join(folder, 'flink-conf.yaml'), 'a: 1\n');
    const { live, changes } = await started(time);
    const before = live.current();
    await time.advance(MINUTE);
    expect(live.current()).toBe(before);
    writeFileSync(join(folder, 'flink-conf.yaml'), 'a: 2\n');
    await time.advance(MINUTE);
    expect(changes).toEqual([[{ a: '2' }, { a: '1' }]]);
  });

  it.each([
    ['a value that is refused', 'a: 2\nbad: 1\n', 'bad: must not be there'],
    ['no YAML', 'a: [\n', expect.stringContaining('config.yaml: ')],
  ])('stays as it was on %s, says so once, and goes on when it is mended', async (_name, text, error) => {
    const time = createManualTime();
    writeFileSync(join(folder, 'config.yaml'), 'a: 1\n');
    const { live, changes, errors, gauge } = await started(time);
    const goodAt = await gauge('last_reload_success_timestamp_seconds');
    expect(await gauge('last_reload_successful')).toBe(1);
    writeFileSync(join(folder, 'config.yaml'), text);
    await time.advance(3 * MINUTE);
    expect(live.current()).toEqual({ a: '1' });
    expect(errors).toEqual([{ folder, error }]);
    expect(await gauge('last_reload_successful')).toBe(0);
    expect(await gauge('last_reload_success_timestamp_seconds')).toBe(goodAt);
    writeFileSync(join(folder, 'config.yaml'), 'a: 3\n');
    await time.advance(MINUTE);
    expect(changes).toEqual([[{ a: '3' }, { a: '1' }]]);
    expect(await gauge('last_reload_successful')).toBe(1);
    expect(await gauge('last_reload_success_timestamp_seconds')).toBeGreaterThan(goodAt ?? 0);
  });

  it('stays as it was when the folder is gone, and lives without watching it', async () => {
    const time = createManualTime();
    writeFileSync(join(folder, 'config.yaml'), 'a: 1\n');
    const { live, errors } = await started(time);
    rmSync(folder, { recursive: true });
    await time.advance(MINUTE);
    expect(live.current()).toEqual({ a: '1' });
    expect(errors).toEqual([{ folder, error: `${folder}: there is no such folder` }]);
  });

  it('asks for nothing more once stopped', async () => {
    const time = createManualTime();
    const { live } = await started(time);
    expect(time.timers).toBe(1);
    await live.stop();
    expect(time.timers).toBe(0);
  });
});
