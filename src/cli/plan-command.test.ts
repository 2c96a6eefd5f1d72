import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from '../config.ts';
import { crdsOf } from './crds.ts';
import type { PlanReport, ResourcePlan } from './plan/report.ts';
import { runCli } from './program.ts';

const golden = 'src/cli/__golden__';
const GIB = 2 ** 30;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function weir(...args: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await runCli(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    color: false,
  });
  return { code, out, err };
}

describe('weir plan', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-plan-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The plan of the golden manifest with other slots, parallelism or job fields. */
  async function planOf(change: { slots?: unknown; job?: object; spec?: object }): Promise<ResourcePlan> {
    const manifest = load(readFileSync(`${golden}/five-slots.yaml`, 'utf8')) as { spec: Record<string, object> };
    const spec = {
      ...manifest.spec,
      ...('slots' in change ? { flinkConfiguration: slotsOf(change.slots) } : {}),
      job: { ...manifest.spec.job, ...change.job },
      ...change.spec,
    };
    const file = join(folder, 'manifest.yaml');
    writeFileSync(file, dump({ ...manifest, spec }, { skipInvalid: true }));
    const { out } = await weir('plan', '-f', file, '-o', 'json');
    const [resource] = (JSON.parse(out) as PlanReport).resources;
    if (resource === undefined) throw new Error('nothing was planned');
    return resource;
  }

  function slotsOf(slots: unknown): object {
    return slots === undefined ? {} : { 'taskmanager.numberOfTaskSlots': slots };
  }

  it('prints size, objects and configuration for people', async () => {
    const { code, out, err } = await weir('plan', '-f', `${golden}/five-slots.yaml`);
    await expect(out).toMatchFileSnapshot('__golden__/five-slots.txt');
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('prints the configuration as a list where the terminal is too narrow for a table', async () => {
    const outIn = async (columns: number): Promise<string> => {
      let out = '';
      const take = (text: string): void => {
        out += text;
      };
      await runCli(['plan', '-f', `${golden}/five-slots.yaml`], { out: take, err: take, color: false, columns });
      return out;
    };
    const { out: table } = await weir('plan', '-f', `${golden}/five-slots.yaml`);
    expect(await outIn(200)).toBe(table);
    const list = await outIn(80);
    expect(list).toContain('    taskmanager.numberOfTaskSlots: 5\n      user: spec.flinkConfiguration\n');
    expect(list).not.toContain('BECAUSE  ');
  });

  it('says of a ScheduledSparkApplication when it runs, and what each run is', async () => {
    const { code, out, err } = await weir('plan', '-f', 'deploy/samples/spark/scheduled.yaml');
    expect(out).toMatch(/runs at \S+Z, \S+Z, \S+Z and so on, each with this template/);
    expect(out).toContain('SparkApplication');
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('says of a SparkApplication what would run, and where every property is from', async () => {
    const { code, out, err } = await weir('plan', '-f', `${golden}/spark.yaml`);
    await expect(out).toMatchFileSnapshot('__golden__/spark.txt');
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('prints one object for scripts', async () => {
    const { code, out } = await weir('plan', '-f', `${golden}/five-slots.yaml`, '-o', 'json');
    await expect(out).toMatchFileSnapshot('__golden__/five-slots.json.golden');
    expect(code).toBe(0);
  });

  it('adds up slots, pods, cores and bytes', async () => {
    const plan = await planOf({});
    expect(plan).toMatchObject({
      kind: 'FlinkDeployment',
      namespace: 'shop',
      name: 'orders',
      decision: 'create',
      jobManagers: 1,
      taskManagers: 2,
      slotsPerTaskManager: 5,
      pods: 3,
      total: { cpu: 10, memoryBytes: 34 * GIB },
      arithmetic: 'ceil(10 / 5) = 2 TaskManagers',
    });
    expect(plan.perRole).toEqual([
      { role: 'JobManager', pods: 1, each: { cpu: 2, memoryBytes: 2 * GIB }, total: { cpu: 2, memoryBytes: 2 * GIB } },
      {
        role: 'TaskManager',
        pods: 2,
        each: { cpu: 4, memoryBytes: 16 * GIB },
        total: { cpu: 8, memoryBytes: 32 * GIB },
      },
    ]);
  });

  it.each([
    { slots: '13', parallelism: 7, taskManagers: 1, arithmetic: 'ceil(7 / 13) = 1 TaskManager' },
    { slots: 2, parallelism: 8, taskManagers: 4, arithmetic: 'ceil(8 / 2) = 4 TaskManagers' },
    { slots: '2', parallelism: 8, taskManagers: 4, arithmetic: 'ceil(8 / 2) = 4 TaskManagers' },
    { slots: undefined, parallelism: 3, taskManagers: 3, arithmetic: 'ceil(3 / 1) = 3 TaskManagers' },
    { slots: 4, parallelism: undefined, taskManagers: 1, arithmetic: 'ceil(1 / 4) = 1 TaskManager' },
  ])('counts TaskManagers for $slots slots and parallelism $parallelism', async (example) => {
    const plan = await planOf({ slots: example.slots, job: { parallelism: example.parallelism } });
    expect(plan).toMatchObject({
      decision: 'create',
      taskManagers: example.taskManagers,
      pods: example.taskManagers + 1,
      arithmetic: example.arithmetic,
      issues: [],
    });
  });

  it('says where each configuration key comes from', async () => {
    const plan = await planOf({ slots: 5 });
    const origins = new Map(plan.configuration.map(({ key, value, origin }) => [key, { value, origin }]));
    expect(origins.get('taskmanager.numberOfTaskSlots')).toEqual({ value: '5', origin: 'user' });
    expect(origins.get('parallelism.default')).toEqual({ value: '10', origin: 'spec' });
  });

  it("counts the operator's own configuration in", async () => {
    writeFileSync(join(folder, 'config.yaml'), 'taskmanager.numberOfTaskSlots: 10\n');
    const args = ['plan', '-f', `${golden}/five-slots.yaml`, '--flink-conf-dir', folder, '-o', 'json'];
    const [resource] = (JSON.parse((await weir(...args)).out) as PlanReport).resources;
    const slots = resource?.configuration.find(({ key }) => key === 'taskmanager.numberOfTaskSlots');
    expect(slots).toMatchObject({ value: '5', overrides: [{ value: '10', origin: 'operator default' }] });
    rmSync(join(folder, 'config.yaml'));
  });

  it("says which properties are the operator's defaults, and refuses bad ones", async () => {
    const file = join(folder, 'spark-defaults.conf');
    const args = ['plan', '-f', 'deploy/samples/spark/pi.yaml', '--spark-conf-dir', folder, '-o', 'json'];
    writeFileSync(file, 'spark.eventLog.enabled true\n');
    const { out } = await weir(...args);
    expect((JSON.parse(out) as PlanReport).resources[0]?.configuration).toContainEqual({
      key: 'spark.eventLog.enabled',
      value: 'true',
      origin: 'operator default',
      because: 'spark-defaults.conf',
      overrides: [],
    });
    writeFileSync(file, 'spark.executor.memory 12xb\nspark.master local\n');
    expect(await weir(...args)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/spark.executor.memory.*\n.*spark.master/),
    });
  });

  it('goes by the flags of the operator it is told of', async () => {
    const plan = async (...flags: string[]) => {
      const { out } = await weir('plan', '-f', 'deploy/samples/spark/pi.yaml', '-o', 'json', ...flags);
      return (JSON.parse(out) as PlanReport).resources[0];
    };
    const services = async (...flags: string[]) =>
      (await plan(...flags))?.objects.filter(({ name }) => name === 'spark-pi-ui-svc').length;
    expect([await services(), await services('--enable-ui-service', 'false')]).toEqual([1, 0]);
    const batch = ['--enable-batch-scheduler', 'true', '--default-batch-scheduler', 'volcano'];
    expect((await plan(...batch))?.objects.map(({ kind }) => kind)).toContain('PodGroup');
    expect(await weir('plan', '-f', 'deploy/samples/spark/pi.yaml', '--partial-restart', 'maybe')).toMatchObject({
      code: 2,
      err: 'error: --partial-restart: "maybe" is not valid, it must be one of true, false\n',
    });
  });

  it('does nothing for a job that is to be suspended', async () => {
    const plan = await planOf({ job: { state: 'suspended' } });
    expect(plan).toMatchObject({ decision: 'no-op', reason: 'Suspended', taskManagers: 2, objects: [] });
  });

  it('refuses what the operator refuses', async () => {
    const plan = await planOf({ job: { upgradeMode: 'savepoint' } });
    expect(plan).toMatchObject({ decision: 'refuse', reason: 'ValidationError', objects: [] });
  });

  it('points at fields that a kind does not have, which the API server would drop', async () => {
    const podTemplate = { spec: { newPodField: 1 } };
    const { warnings } = await planOf({ spec: { high: { type: 'x' }, jobManager: { podTemplate, memory: '1g' } } });
    const dropped =
      'is no field of FlinkDeployment; kubectl refuses it, where it is let through the API server drops it';
    expect(warnings.slice(1)).toEqual([`spec.jobManager.memory: ${dropped}`, `spec.high: ${dropped}`]);
    expect(warnings[0]).toContain(
      'spec.jobManager.podTemplate.spec.newPodField: is no field of PodSpec that Weir knows',
    );
  });

  it('says which key of a file counts where one is given twice', async () => {
    const file = join(folder, 'twice.yaml');
    writeFileSync(
      file,
      readFileSync('deploy/samples/spark/pi.yaml', 'utf8').replace('spec:\n', 'spec:\n  image: none\n'),
    );
    const { code, out } = await weir('plan', '-f', file, '-o', 'json');
    const [resource] = (JSON.parse(out) as PlanReport).resources;
    expect(resource?.warnings).toEqual([
      expect.stringContaining(': a key is given twice; kubectl takes the last of them'),
    ]);
    expect(code).toBe(0);
  });

  it('names every broken rule and exits with 3', async () => {
    const { code, out, err } = await weir('plan', '-f', `${golden}/invalid.yaml`);
    await expect(`${out}${err}`).toMatchFileSnapshot('__golden__/invalid.txt');
    expect(code).toBe(3);
    const json = JSON.parse((await weir('plan', '-f', `${golden}/invalid.yaml`, '-o', 'json')).out) as PlanReport;
    const [resource] = json.resources;
    expect(resource).toMatchObject({ decision: 'refuse', reason: 'ValidationError', namespace: 'default', pods: null });
    expect(resource?.issues.map(({ message }) => message).join('; ')).toBe(resource?.message);
  });

  it('points to the configuration of the operator where an option is missing that could be in it', async () => {
    const file = join(folder, 'last-state.yaml');
    const manifest = load(readFileSync('deploy/samples/flink/s3.yaml', 'utf8')) as { spec: object };
    writeFileSync(file, dump({ ...manifest, spec: { ...manifest.spec, flinkConfiguration: {} } }));
    const alone = await weir('plan', '-f', file);
    expect(alone.err).toMatch(
      /^error: .*execution\.checkpointing\.dir.*is missing.*\n(error: .*\n)*hint: .*--flink-conf-dir/,
    );
    const conf = join(folder, 'operator');
    mkdirSync(conf);
    writeFileSync(join(conf, 'config.yaml'), 'execution.checkpointing.dir: s3://a\n');
    const told = await weir('plan', '-f', file, '--flink-conf-dir', conf);
    expect(told.err).toMatch(/^error: .*savepoint-dir.*is missing[^\n]*\n$/);
    expect([alone.code, told.code]).toEqual([3, 3]);
  });

  it('leaves other kinds alone and names documents it cannot read', async () => {
    const { code, out, err } = await weir('plan', '-f', `${golden}/mixed.yaml`);
    await expect(`${out}${err}`).toMatchFileSnapshot('__golden__/mixed.txt');
    expect(code).toBe(3);
  });

  it('plans every kind there is, and session jobs with the session of the same files', async () => {
    const samples = readdirSync('deploy/samples', { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.yaml'),
    );
    const args = samples.flatMap((name) => ['-f', `deploy/samples/${name}`]);
    const { code, out } = await weir('plan', ...args, '-o', 'json');
    const { resources, leftAlone } = JSON.parse(out) as PlanReport;
    const kinds = crdsOf(ENGINES).map(({ spec }) => (spec as { names: { kind: string } }).names.kind);
    expect(code).toBe(0);
    expect([...new Set(resources.map(({ kind }) => kind))].sort()).toEqual(kinds.sort());
    expect(leftAlone.filter(({ kind }) => kinds.includes(kind))).toEqual([]);
    const jobs = resources.filter(({ kind }) => kind === 'FlinkSessionJob');
    expect(jobs.map(({ reason }) => reason)).toEqual(['Submitting', 'Submitting']);
  });

  it('takes the manifests of a folder by name, and those of the folders below with -R alone', async () => {
    const sourcesIn = async (path: string, ...more: string[]): Promise<string[]> => {
      const { out } = await weir('plan', '-f', path, '-o', 'json', ...more);
      return (JSON.parse(out) as PlanReport).resources.map(({ source }) => source.replace(/ document \d+$/, ''));
    };
    const names = readdirSync('deploy/samples/flink').map((name) => `deploy/samples/flink/${name}`);
    expect([...new Set(await sourcesIn('deploy/samples/flink'))]).toEqual(names.sort());
    expect(await weir('plan', '-f', 'deploy/samples')).toMatchObject({ code: 1, out: '' });
    const all = await sourcesIn('deploy/samples', '-R');
    expect(all).toEqual(expect.arrayContaining([...names, 'deploy/samples/spark/pi.yaml']));
    expect(all).toEqual([...all].sort());
  });

  it('takes several files, and prints yaml', async () => {
    const file = `${golden}/five-slots.yaml`;
    const { code, out } = await weir('plan', '-f', file, '-f', file, '-n', 'other', '-o', 'yaml');
    expect((load(out) as PlanReport).resources.map(({ namespace }) => namespace)).toEqual(['shop', 'shop']);
    expect(code).toBe(0);
    expect((load(out) as PlanReport).total).toEqual({ pods: 6, cpu: 20, memoryBytes: 68 * GIB });
  });

  it.each([
    [['plan'], 2, "error: required option '-f, --filename <file...>' not specified"],
    [['plan', '-f', 'no-such.yaml'], 1, 'error: no-such.yaml: there is no such file'],
    [
      ['plan', '-f', 'src'],
      1,
      'error: src: holds no file that ends in .yaml, .yml or .json; -R looks into the folders below',
    ],
    [['plan', '-R', '-f', 'src/lib'], 1, 'error: src/lib: holds no file that ends in .yaml, .yml or .json\n'],
    [
      ['plan', '-f', 'x', '--context', 'dev'],
      2,
      'error: --context: "dev" is not valid, it must be given beside --server',
    ],
    [['plan', '-f', 'x', '-n', 'A b'], 2, 'error: --namespace: "A b" is not valid, it must be the name of a namespace'],
    [['wait', 'flinkdep/x', '-n', ''], 2, 'error: --namespace: "" is not valid, it must be the name of a namespace'],
    [['rbac', '--name', 'a: b'], 2, 'error: --name: "a: b" is not valid, it must be a name such as weir'],
    [['rbac', '--watch-namespaces', 'a,B'], 2, 'error: --watch-namespaces: "a,B" is not valid, it must be a comma-'],
    [['help', 'crds', 'aply'], 2, "error: unknown command 'aply'"],
    [['plan', '-f', 'x', '-o', 'xml'], 2, "argument 'xml' is invalid. Allowed choices are text, json, yaml."],
    [['plam'], 2, "error: unknown command 'plam'"],
    [['run', '--workers', '0'], 2, 'error: --workers: "0" is not valid, it must be a whole number from 1 to 1000'],
  ])('says what is wrong with %j', async (args, code, message) => {
    const ran = await weir(...args);
    expect(ran.err).toContain(message);
    expect({ code: ran.code, out: ran.out }).toEqual({ code, out: '' });
  });
});
