import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GENERATION } from '../../src/cli/testing/standings/standing.ts';
import { TABLES } from '../../src/cli/testing/standings/tables.ts';
import { programs } from '../cluster/programs.ts';
import { run } from '../lib/run.ts';

const root = join(import.meta.dirname, '../..');
const { data } = load(readFileSync(join(root, 'deploy/argocd/argocd-cm.yaml'), 'utf8')) as {
  data: Record<string, string>;
};

type Actions = { 'discovery.lua': string; definitions: { name: string; 'action.lua': string }[] };

/** Prints a table as JSON, keys in order; an empty table as {}. */
const ENCODER = `
local function encode(value)
  if type(value) == "string" then return string.format("%q", value) end
  if type(value) ~= "table" then return tostring(value) end
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  if #value > 0 then
    for _, item in ipairs(value) do parts[#parts + 1] = encode(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  table.sort(keys)
  for _, key in ipairs(keys) do parts[#parts + 1] = encode(key) .. ":" .. encode(value[key]) end
  return "{" .. table.concat(parts, ",") .. "}"
end
`;

function literal(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(literal).join(',')}}`;
  if (typeof value !== 'object' || value === null) return value === null ? 'nil' : JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `[${JSON.stringify(key)}]=${literal(item)}`)
    .join(',')}}`;
}

describe('Argo CD', () => {
  let glua = '';
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-lua-'));
    ({ glua } = await programs(['glua']));
  }, 900_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What a script answers about an object. */
  async function answer<T>(script: string, obj: object): Promise<T> {
    const file = join(folder, 'script.lua');
    writeFileSync(file, `${ENCODER}obj = ${literal(obj)}\nprint(encode((function()\n${script}\nend)()))\n`);
    return JSON.parse(await run(glua, [file])) as T;
  }

  const actions = (kind: string): Actions => load(String(data[`resource.customizations.actions.${kind}`])) as Actions;

  /** What the health check of a kind says of each of the objects. */
  function healthOf(kind: string, objects: readonly object[]): Promise<readonly { status: string; message: string }[]> {
    const [, script] = Object.entries(data).find(([key]) => key.includes('.health.') && key.endsWith(`_${kind}`)) ?? [];
    const each = `local answers = {}
for index, object in ipairs(obj) do
  local obj = object
  answers[index] = (function()
${script}
  end)()
end
return answers`;
    return answer(each, objects);
  }

  it.each(TABLES.map((table) => [table.kind, table.rows] as const))(
    'says of a %s what its conditions say',
    async (kind, rows) => {
      const told = await healthOf(
        kind,
        rows.map(({ resource }) => resource),
      );
      expect(told.map(({ status }, index) => [rows[index]?.what, status])).toEqual(
        rows.map(({ what, health }) => [what, health]),
      );
      expect(told.filter(({ message }) => message === '')).toEqual([]);
    },
  );

  it('waits for what Weir has not seen yet', async () => {
    for (const { kind, rows } of TABLES) {
      const [healthy] = rows.flatMap(({ resource, health }) => (health === 'Healthy' ? [resource] : []));
      const edited = { ...healthy, metadata: { ...healthy?.metadata, generation: GENERATION + 1 } };
      const told = await healthOf(kind, [{ metadata: { generation: 1 }, spec: {} }, edited]);
      expect(told.map(({ status }) => status)).toEqual(['Progressing', 'Progressing']);
    }
  });

  it('has a health check and actions for every kind', () => {
    const kinds = TABLES.map(({ kind }) => kind).toSorted();
    for (const part of ['health', 'actions']) {
      const keys = Object.keys(data).filter((key) => key.includes(`.${part}.`));
      expect(keys.map((key) => key.split('_')[1]).toSorted()).toEqual(kinds);
    }
  });

  it.each([
    ['flink.apache.org_FlinkDeployment', { job: { state: 'running' } }, 'suspend', { job: { state: 'suspended' } }],
    ['flink.apache.org_FlinkDeployment', { job: { state: 'suspended' } }, 'resume', { job: { state: 'running' } }],
    ['flink.apache.org_FlinkDeployment', { restartNonce: 3 }, 'restart', { restartNonce: 4 }],
    ['flink.apache.org_FlinkSessionJob', { job: {} }, 'savepoint', { job: { savepointTriggerNonce: 1 } }],
    ['sparkoperator.k8s.io_SparkApplication', { mode: 'cluster' }, 'suspend', { mode: 'cluster', suspend: true }],
    ['sparkoperator.k8s.io_SparkApplication', { suspend: true }, 'resume', { suspend: false }],
    ['sparkoperator.k8s.io_ScheduledSparkApplication', { suspend: true }, 'resume', { suspend: false }],
  ])('%s %o: %s', async (kind, spec, name, after) => {
    const { 'discovery.lua': discovery, definitions } = actions(kind);
    const offered = await answer<Record<string, { disabled: boolean }>>(discovery, { metadata: {}, spec });
    expect(Object.keys(offered).sort()).toEqual(definitions.map((definition) => definition.name).sort());
    expect(offered[name]).toEqual({ disabled: false });
    const script = definitions.find((definition) => definition.name === name)?.['action.lua'] ?? '';
    expect(await answer<{ spec: object }>(script, { metadata: {}, spec })).toEqual({ metadata: {}, spec: after });
  });

  it('offers nothing that does not make sense', async () => {
    const { 'discovery.lua': flink } = actions('flink.apache.org_FlinkDeployment');
    const session = await answer<Record<string, { disabled: boolean }>>(flink, { spec: {} });
    expect(Object.keys(session).filter((name) => !session[name]?.disabled)).toEqual(['restart']);
  });

  it('takes another snapshot of the same job, unless the first was only recorded', async () => {
    const { 'discovery.lua': discovery, definitions } = actions('flink.apache.org_FlinkStateSnapshot');
    const kind = { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkStateSnapshot' };
    const spec = { jobReference: { kind: 'FlinkDeployment', name: 'orders' }, savepoint: { path: 's3://b' } };
    const obj = { ...kind, metadata: { name: 'nightly', namespace: 'shop', labels: { a: 'b' } }, spec };
    const [created] = await answer<{ operation: string; resource: object }[]>(
      definitions[0]?.['action.lua'] ?? '',
      obj,
    );
    const name = expect.stringMatching(/^nightly-\d{14}$/);
    expect(created).toEqual({
      operation: 'create',
      resource: { ...kind, metadata: { name, namespace: 'shop' }, spec },
    });
    expect(await answer(discovery, obj)).toEqual({ again: { disabled: false } });
    const recorded = { ...obj, spec: { savepoint: { alreadyExists: true } } };
    expect(await answer(discovery, recorded)).toEqual({ again: { disabled: true } });
  });

  it('restarts a server by its template, which makes another spec of it', async () => {
    const { definitions } = actions('sparkoperator.k8s.io_SparkConnect');
    const after = await answer(definitions[0]?.['action.lua'] ?? '', { metadata: {}, spec: { server: { cores: 1 } } });
    const annotations = { 'kubectl.kubernetes.io/restartedAt': expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(after).toEqual({ metadata: {}, spec: { server: { cores: 1, template: { metadata: { annotations } } } } });
  });

  it('starts a run of a schedule by the annotation that Weir reads', async () => {
    const { definitions } = actions('sparkoperator.k8s.io_ScheduledSparkApplication');
    const script = definitions.find(({ name }) => name === 'run-now')?.['action.lua'] ?? '';
    const { metadata } = await answer<{ metadata: { annotations: object } }>(script, { metadata: {}, spec: {} });
    expect(Object.entries(metadata.annotations)).toEqual([['weir.dev/run-now', expect.stringMatching(/^\d{4}-.*Z$/)]]);
  });
});
