import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

  const health = (kind: string): string => String(data[`resource.customizations.health.${kind}`]);
  const actions = (kind: string): Actions => load(String(data[`resource.customizations.actions.${kind}`])) as Actions;
  const condition = (type: string, status = 'True', observedGeneration = 2): object => ({
    ...{ type, status, observedGeneration, reason: 'Because', message: 'as it is' },
  });
  const object = (spec: object, ...conditions: object[]): object => ({
    metadata: { generation: 2 },
    spec,
    status: { conditions },
  });

  it.each([
    ['without status', { metadata: { generation: 1 }, spec: {} }, 'Progressing'],
    ['seen at an older generation', object({}, condition('Ready', 'True', 1)), 'Progressing'],
    ['on its way', object({}, condition('Ready', 'False'), condition('Reconciling')), 'Progressing'],
    [
      'refused while it runs on',
      object({}, condition('Ready', 'False'), condition('Reconciling'), condition('Stalled')),
      'Progressing',
    ],
    ['stalled', object({}, condition('Ready', 'False'), condition('Stalled')), 'Degraded'],
    ['ready', object({ job: { state: 'running' } }, condition('Ready')), 'Healthy'],
    ['suspended job', object({ job: { state: 'suspended' } }, condition('Ready')), 'Suspended'],
    ['suspended application', object({ suspend: true }, condition('Ready')), 'Suspended'],
  ])('says of a resource %s', async (_, obj, status) => {
    const kinds = Object.keys(data).filter((key) => key.includes('.health.'));
    expect(kinds.length).toBe(6);
    for (const key of kinds) {
      const told = await answer<{ status: string; message: string }>(health(key.split('.health.')[1] ?? ''), obj);
      expect(told.status).toBe(status);
      expect(told.message).not.toBe('');
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

  it('starts a run of a schedule by the annotation that Weir reads', async () => {
    const { definitions } = actions('sparkoperator.k8s.io_ScheduledSparkApplication');
    const script = definitions.find(({ name }) => name === 'run-now')?.['action.lua'] ?? '';
    const { metadata } = await answer<{ metadata: { annotations: object } }>(script, { metadata: {}, spec: {} });
    expect(Object.entries(metadata.annotations)).toEqual([['weir.dev/run-now', expect.stringMatching(/^\d{4}-.*Z$/)]]);
  });
});
