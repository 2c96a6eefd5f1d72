import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../program.ts';
import { bothOf, keepingAccounts } from './both.ts';
import { migrateValues } from './migrate.ts';

const both = (flink: object, spark: object) =>
  bothOf(migrateValues('flink', { ...flink }), migrateValues('spark', { ...spark }));

describe('values of both operators', () => {
  it('switch both engines on, and what differs is taken from the Flink operator and named', () => {
    const flink = { watchNamespaces: ['shop'], replicas: 2, operatorPod: { nodeSelector: { pool: 'ops' } } };
    const spark = {
      controller: { replicas: 3, workers: 20, nodeSelector: { zone: 'a' }, uiService: { enable: false } },
      spark: { jobNamespaces: ['data', 'shop'] },
    };
    expect(both(flink, spark)).toEqual({
      values: {
        watchNamespaces: ['shop', 'data'],
        replicas: 2,
        workers: 20,
        operatorPod: { nodeSelector: { pool: 'ops', zone: 'a' } },
        spark: { uiService: { enabled: false } },
      },
      dropped: ['replicas: 3 of the Spark operator, since the Flink operator has 2'],
      defaults: 0,
    });
  });

  it('take what one of them says where the other has nothing', () => {
    const flink = { operatorPod: { env: null, tolerations: [], nodeSelector: {}, labels: { team: 'data' } } };
    const tolerations = [{ key: 'ops', operator: 'Exists' }];
    const controller = {
      env: [{ name: 'A', value: 'b' }],
      tolerations,
      priorityClassName: '',
      nodeSelector: { a: 'b' },
    };
    const { values, dropped } = both(
      { ...flink, watchNamespaces: ['shop'] },
      { controller, spark: { jobNamespaces: ['shop'] } },
    );
    const { env, nodeSelector } = controller;
    expect(values).toMatchObject({ operatorPod: { env, tolerations, nodeSelector, labels: { team: 'data' } } });
    expect(dropped).toEqual([]);
  });

  it.each<[string, object, object, object, string[]]>([
    [
      'the default of either',
      {},
      {},
      { watchNamespaces: [] },
      [
        'watchNamespaces: ["default"] of the Spark operator: the Flink operator looks after all namespaces, so Weir will look after Spark in all of them, too',
      ],
    ],
    ['all of both', {}, { jobNamespaces: [''] }, { watchNamespaces: [] }, []],
    [
      'all of the Spark operator',
      { watchNamespaces: ['shop'] },
      { jobNamespaces: [''] },
      { watchNamespaces: [] },
      [
        'watchNamespaces: ["shop"] of the Flink operator: the Spark operator looks after all namespaces, so Weir will look after Flink in all of them, too',
      ],
    ],
    [
      'a selector beside a list',
      { watchNamespaces: ['shop'] },
      { jobNamespaces: [''], jobNamespaceSelector: 'team' },
      { watchNamespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
      ['watchNamespaces: the selector stands alone, give shop labels that it takes'],
    ],
  ])('have one scope: %s', (_, flink, spark, scope, dropped) => {
    expect(both(flink, { spark })).toEqual({ values: scope, dropped, defaults: 0 });
  });

  it('may leave the accounts to the old releases', () => {
    const values = { jobServiceAccount: { create: true, name: 'jobs' }, spark: { metrics: { prefix: 'x' } } };
    expect(keepingAccounts(values)).toEqual({
      jobServiceAccount: { create: false, name: 'jobs' },
      rbac: { jobRole: { create: false }, jobRoleBinding: { create: false } },
      spark: { serviceAccount: { create: false }, role: { create: false }, metrics: { prefix: 'x' } },
    });
  });
});

describe('weir migrate values', () => {
  let folder = '';
  const file = (name: string): string => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-values-'));
    writeFileSync(file('flink.yaml'), 'watchNamespaces: [shop]\njvmArgs: {operator: -Xmx1g}\n');
    writeFileSync(file('spark.yaml'), 'spark: {jobNamespaces: [shop], serviceAccount: {name: driver}}\n');
    writeFileSync(file('none.yaml'), 'nameOverride: x\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function migrate(...args: string[]): Promise<{ code: number; out: unknown; err: string }> {
    const out: string[] = [];
    const err: string[] = [];
    const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text), color: false };
    const code = await runCli(['migrate', 'values', ...args], io);
    return { code, out: out.length === 0 ? undefined : load(out.join('')), err: err.join('') };
  }

  it('makes one file of two, whatever their order', async () => {
    const files = [file('spark.yaml'), file('flink.yaml')].flatMap((name) => ['-f', name]);
    expect(await migrate(...files, '--keep-accounts')).toEqual({
      code: 0,
      out: {
        jobServiceAccount: { create: false },
        rbac: { jobRole: { create: false }, jobRoleBinding: { create: false } },
        spark: { serviceAccount: { create: false, name: 'driver' }, role: { create: false } },
        watchNamespaces: ['shop'],
      },
      err: 'left out jvmArgs.operator: Weir is no JVM\n1 left out\n',
    });
  });

  it.each([
    [
      ['none.yaml', 'spark.yaml'],
      { nameOverride: 'x', spark: { serviceAccount: { name: 'driver' } }, watchNamespaces: [] },
    ],
    [['none.yaml', 'flink.yaml'], { nameOverride: 'x', watchNamespaces: ['shop', 'default'] }],
    [['none.yaml', 'none.yaml'], { nameOverride: 'x', watchNamespaces: [] }],
  ])('tells the charts of %s by each other, and by their order', async (names, values) => {
    expect((await migrate(...names.flatMap((name) => ['-f', file(name)]))).out).toEqual(values);
  });

  it('takes the chart of a single file from --from where it cannot be told', async () => {
    expect((await migrate('-f', file('none.yaml'), '--from', 'flink')).out).toEqual({
      spark: { enabled: false },
      nameOverride: 'x',
    });
  });

  it.each<[string[], string]>([
    [['none.yaml'], '--from: is missing, it must say flink or spark: the values fit either chart'],
    [['flink.yaml', 'flink.yaml'], "-f: both are values of the flink operator's chart"],
    [['flink.yaml', 'spark.yaml', 'spark.yaml'], '-f: there are two charts at most'],
  ])('refuses %s', async (names, message) => {
    const { code, out, err } = await migrate(...names.flatMap((name) => ['-f', file(name)]));
    expect({ code, out }).toEqual({ code: 2, out: undefined });
    expect(err).toContain(message);
  });
});
