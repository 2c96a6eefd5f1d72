import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flattenYaml, parseFlinkConf, readConfFolder, readSparkDefaults } from './conf-folder.ts';

describe('configuration folder', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-conf-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads nested and flat keys, and keeps scalars as written', () => {
    const none = 'empty:\nlist: []\nmaps: [{ a: 1 }, { b: 2 }]\n';
    expect(flattenYaml(none)).toEqual({ maps: '{"a":"1"};{"b":"2"}' });
    const text = 'taskmanager:\n  numberOfTaskSlots: 2\n  memory.size: 1.50\nweb.submit: false\njars: [a, b]\n';
    expect(flattenYaml(text)).toEqual({
      'taskmanager.numberOfTaskSlots': '2',
      'taskmanager.memory.size': '1.50',
      'web.submit': 'false',
      jars: 'a;b',
    });
  });

  it('reads flink-conf.yaml line by line', () => {
    const text = '# comment\nweb.url: http://a:1 # why\n  state.backend:  rocksdb\nbroken line\nempty:\n';
    expect(parseFlinkConf(text)).toEqual({ 'web.url': 'http://a:1', 'state.backend': 'rocksdb' });
  });

  it('prefers flink-conf.yaml, as Flink does', () => {
    writeFileSync(join(folder, 'config.yaml'), 'a: new\n');
    expect(readConfFolder(folder)).toEqual({ a: 'new' });
    writeFileSync(join(folder, 'flink-conf.yaml'), 'a: old\n');
    expect(readConfFolder(folder)).toEqual({ a: 'old' });
  });

  it('is empty without files, and names a file that cannot be read', () => {
    expect(readConfFolder(folder)).toEqual({});
    writeFileSync(join(folder, 'config.yaml'), '- a\n- b\n');
    expect(() => readConfFolder(join(folder, 'none'))).toThrow(/none: there is no such folder/);
    expect(() => readConfFolder(folder)).toThrow(/config\.yaml: the document is not a mapping/);
  });

  it("reads Spark's default properties, and names a file that is none", () => {
    const file = join(folder, 'spark-defaults.conf');
    expect(readSparkDefaults(folder)).toEqual({});
    writeFileSync(file, '# logs\nspark.eventLog.enabled true\n');
    expect(readSparkDefaults(folder)).toEqual({ 'spark.eventLog.enabled': 'true' });
    writeFileSync(file, 'spark.a \\u1\n');
    expect(() => readSparkDefaults(folder)).toThrow(`${file}: \\u1: is not valid`);
    expect(() => readSparkDefaults(join(folder, 'other'))).toThrow('other: there is no such folder');
  });
});
