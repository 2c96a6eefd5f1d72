import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load, loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../../src/cli/program.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { programs } from '../cluster/programs.ts';
import { established } from '../kit/established.ts';
import { until } from '../kit/until.ts';
import { type GoModule, moduleFolder } from '../lib/go-modules.ts';
import { run, tryRun } from '../lib/run.ts';
import { type Helm, named, only, openHelm, type Rendered } from './helm.ts';

const deploy = join(import.meta.dirname, '../../deploy');
const read = (path: string): string => readFileSync(join(deploy, path), 'utf8');

/** Where schemas are published: the module, and the folder of its CRDs. */
const SCHEMAS: readonly (readonly [GoModule, string])[] = [
  [
    {
      path: 'github.com/aws/karpenter-provider-aws',
      version: 'v1.13.0',
      sum: 'h1:NkFC6jM0JjnHMrIVCpmX0j5Gl2kGv9CV96oqvkExV4k=',
    },
    'pkg/apis/crds',
  ],
  [
    {
      path: 'github.com/fluxcd/source-controller',
      version: 'v1.7.0',
      sum: 'h1:/fBgS4CSmT5Jj/fjQDF92y+pC3gst1GJjgNSzY8Ff9I=',
    },
    'config/crd/bases',
  ],
  [
    {
      path: 'github.com/fluxcd/helm-controller',
      version: 'v1.4.0',
      sum: 'h1:rkm8rmB6Na7eNc4pJOnvtXEaJ19iKluRtayHKjBxcUM=',
    },
    'config/crd/bases',
  ],
  [
    {
      path: 'github.com/fluxcd/kustomize-controller',
      version: 'v1.6.0',
      sum: 'h1:13S+wqCQ44njSg59DNgm1qMqVkK6+0eoZs+jv4+EWCs=',
    },
    'config/crd/bases',
  ],
];

const crds = join(import.meta.dirname, '../../crds');
const samples = join(deploy, 'samples');

/** What is used of kind's configuration (kind 0.30, pkg/apis/config/v1alpha4). */
const KindCluster = z.strictObject({
  kind: z.literal('Cluster'),
  apiVersion: z.literal('kind.x-k8s.io/v1alpha4'),
  nodes: z.array(
    z.strictObject({
      role: z.enum(['control-plane', 'worker']),
      labels: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

describe('ways to deploy', () => {
  let server: ApiServer;
  let helm: Helm;
  let kubectl = '';
  beforeAll(async () => {
    [server, helm, { kubectl }] = await Promise.all([
      startApiServer({ controllers: ['clusterrole-aggregation-controller'] }),
      openHelm(),
      programs(['kubectl']),
    ]);
    await kube('apply', '-k', join(deploy, 'crds'), '--server-side');
    for (const [module, folder] of SCHEMAS) {
      const crds = join(await moduleFolder(module), folder);
      const files = readdirSync(crds).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
      await kube('apply', '--server-side', ...files.flatMap((file) => ['-f', join(crds, file)]));
    }
    await established(() => kube('wait', '--for=condition=established', 'crd', '--all'));
    for (const namespace of ['shop', 'logging', 'flux-system']) await kube('create', 'namespace', namespace);
  }, 900_000);
  afterAll(() => server?.stop());

  const kube = (...args: string[]): Promise<string> => run(kubectl, ['--kubeconfig', server.kubeconfigPath, ...args]);

  it.each([
    'eks/karpenter.yaml',
    'eks/jobs.yaml',
    'eks/volumes.yaml',
    'eks/fluent-bit.yaml',
    'flux/weir.yaml',
    'flux/jobs.yaml',
    'kind/jobs.yaml',
  ])('the server takes %s, and knows every field', async (path) => {
    const file = join(deploy, path);
    const applied = await kube('apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', file);
    expect(applied.trim().split('\n')).toHaveLength(loadAll(read(path)).length);
  });

  /** The object as the server has it. */
  const stored = async ({ kind, metadata }: KubeObject): Promise<KubeObject> =>
    JSON.parse(await kube('get', kind, metadata.name, '-o', 'json')) as KubeObject;

  it.each(readdirSync(crds))('the CRD %s comes back as it was applied', async (file) => {
    const crd = load(readFileSync(join(crds, file), 'utf8')) as KubeObject;
    expect((await stored(crd)).spec).toEqual(crd.spec);
    await kube('diff', '--server-side', '-f', join(crds, file));
  });

  it('stores the samples whole, and applied again they change nothing', async () => {
    const files = readdirSync(samples, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
    const objects = files.flatMap((file) => loadAll(readFileSync(join(samples, file), 'utf8')) as KubeObject[]);
    const now = async (): Promise<readonly KubeObject[]> =>
      (JSON.parse(await kube('get', '-R', '-f', samples, '-o', 'json')) as { items: readonly KubeObject[] }).items;
    await kube('apply', '--validate=strict', '-R', '-f', samples);
    const found = await now();
    expect(found).toHaveLength(objects.length);
    for (const [index, { metadata, ...body }] of objects.entries()) {
      const object = found[index];
      expect(object).toEqual({ ...object, ...body });
      expect(object?.metadata).toMatchObject(metadata);
    }
    await kube('diff', '-R', '-f', samples);
    const again = (await kube('apply', '-R', '-f', samples)).trim().split('\n');
    expect(again.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
    // As Argo CD and Flux do it, under a name of their own.
    const serverSide = ['--server-side', '--field-manager=gitops', '--force-conflicts', '-R', '-f', samples];
    await kube('apply', ...serverSide);
    const before = await now();
    await kube('diff', ...serverSide);
    await kube('apply', ...serverSide);
    expect(await now()).toEqual(before);
  });

  it.each(['eks', 'kind'])(
    'the jobs for %s are ones that Weir runs with the configuration of the values',
    async (place) => {
      const { defaultConfiguration } = load(read(`${place}/values.yaml`)) as {
        defaultConfiguration: Record<string, string>;
      };
      const folder = mkdtempSync(join(tmpdir(), 'weir-eks-'));
      writeFileSync(join(folder, 'config.yaml'), defaultConfiguration['config.yaml'] ?? '');
      const said: string[] = [];
      const io = { out: () => undefined, err: (text: string) => void said.push(text), color: false };
      const code = await runCli(['plan', '-f', join(deploy, `${place}/jobs.yaml`), '--flink-conf-dir', folder], io);
      rmSync(folder, { recursive: true });
      expect({ code, said }).toEqual({ code: 0, said: [] });
    },
  );

  it('the cluster for kind is one that kind makes, and has the nodes that the jobs ask for', async () => {
    const { nodes } = KindCluster.parse(load(read('kind/cluster.yaml')));
    const pools = nodes.flatMap(({ labels = {} }) => labels.pool ?? []);
    expect([...new Set(read('kind/jobs.yaml').match(/(?<=pool: ).*/g))].sort()).toEqual(pools.sort());
    const args = only(await helm.render(load(read('kind/values.yaml')) as object), 'Deployment').spec.template.spec
      .containers[0].args;
    const selector = 'weir.dev/watched=true';
    expect(args).toContain(`--watch-namespace-selector=${selector}`);
    expect(read('kind/README.md')).toContain(`kubectl label namespace shop ${selector}`);
  });

  it('the values for EKS and the ones of Flux and Argo CD are ones of the chart', async () => {
    const imageOf = (objects: readonly Rendered[]): string =>
      only(objects, 'Deployment').spec.template.spec.containers[0].image;
    const objects = await helm.render(load(read('eks/values.yaml')) as object);
    expect(named(objects, 'ServiceAccount')).toContain('shop/flink');
    expect(imageOf(objects)).toMatch(/^\S+\/platform\/weir:/);
    const [, release] = loadAll(read('flux/weir.yaml')) as { spec: { values: object } }[];
    const [application] = loadAll(read('argocd/applications.yaml')) as {
      spec: { source: { helm: { valuesObject: object } } };
    }[];
    for (const values of [release?.spec.values, application?.spec.source.helm.valuesObject]) {
      const rendered = await helm.render(values);
      expect(rendered.filter(({ kind }) => kind === 'Job')).toEqual([]);
      expect(imageOf(rendered)).toMatch(/^\S+\/platform\/weir:/);
    }
  });

  it('the configuration of Fluent Bit is whole, and for an image that knows it', () => {
    const objects = loadAll(read('eks/fluent-bit.yaml')) as (Rendered & { data: Record<string, string> })[];
    const config = load(only(objects, 'ConfigMap').data?.['fluent-bit.yaml'] ?? '') as {
      pipeline: Record<string, { name: string }[]>;
    };
    expect(Object.keys(config.pipeline)).toEqual(['inputs', 'filters', 'outputs']);
    // What the filter multiline puts together is put in at the front again; grep reads what the filter kubernetes adds.
    expect(config.pipeline.filters?.map(({ name }) => name)).toEqual(['multiline', 'kubernetes', 'grep']);
    const [container] = only(objects, 'DaemonSet').spec.template.spec.containers;
    expect(container.image).toMatch(/^fluent\/fluent-bit:[4-9]\./);
    expect(container.args).toEqual(['--config=/etc/weir/fluent-bit.yaml']);
  });

  it('the jobs for EKS ask for nodes and volumes that there are, and for the plugin that is in their image', () => {
    const text = read('eks/jobs.yaml');
    const [job] = loadAll(text) as { spec: { image: string } }[];
    const [, version] = /flink-s3-fs-presto-([\d.]+)\.jar/.exec(text) ?? [];
    expect(job?.spec.image).toBe(`flink:${version}`);
    const pools = (loadAll(read('eks/karpenter.yaml')) as KubeObject[]).filter(({ kind }) => kind === 'NodePool');
    const named = pools.map(({ metadata }) => metadata.name).sort();
    expect([...new Set(text.match(/(?<=pool: ).*/g))].sort()).toEqual(named);
    const { metadata, volumeBindingMode } = load(read('eks/volumes.yaml')) as KubeObject & Record<string, unknown>;
    expect(text.match(/(?<=storageClass(?:Name)?: ).*/g)).toEqual([metadata.name, metadata.name]);
    expect(volumeBindingMode).toBe('WaitForFirstConsumer');
  });

  it('the associations of Pod Identity are made for the accounts of the jobs, the add-on once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-eks-'));
    const aws =
      '#!/bin/sh\necho "$@" >> "$(dirname "$0")/asked"\n[ "$2" != describe-addon ] || [ -e "$(dirname "$0")/there" ]\n';
    writeFileSync(join(folder, 'aws'), aws, { mode: 0o755 });
    const PATH = `${folder}:${process.env.PATH}`;
    const script = [join(deploy, 'eks/pod-identity.sh'), 'prod', 'shop', '111122223333'];
    const asked = async (): Promise<readonly string[]> => {
      writeFileSync(join(folder, 'asked'), '');
      await run('sh', script, { env: { PATH } });
      return readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
    };
    const first = await asked();
    writeFileSync(join(folder, 'there'), '');
    const second = await asked();
    rmSync(folder, { recursive: true });
    expect(first.map((line) => line.split(' ')[1])).toContain('create-addon');
    expect(second.map((line) => line.split(' ')[1])).not.toContain('create-addon');
    const accounts = second.flatMap((line) => /--service-account (\S+) --role-arn (\S+)/.exec(line)?.slice(1) ?? []);
    const roles = accounts.filter((_, index) => index % 2 === 1);
    expect(accounts.filter((_, index) => index % 2 === 0)).toEqual(['flink', 'spark']);
    for (const role of roles) expect(read('eks/values.yaml')).toContain(role);
  });

  it('the pipeline plans, applies and waits with the configuration of the values', async () => {
    const pipeline = load(read('eks/concourse.yaml')) as Pipeline;
    const steps = pipeline.jobs[0]?.plan ?? [];
    const got = steps.flatMap(({ in_parallel = [] }) => in_parallel.map(({ get }) => get));
    expect(got.sort()).toEqual(pipeline.resources.map(({ name }) => name).sort());
    const tasks = steps.filter(({ task }) => task !== undefined);
    expect(tasks.map(({ task }) => task)).toEqual(['plan', 'apply', 'wait']);
    const objects = await helm.render({ ...(load(read('eks/values.yaml')) as object), fullnameOverride: 'weir' });
    await kube('create', 'namespace', 'weir');
    const folder = mkdtempSync(join(tmpdir(), 'weir-pipeline-'));
    const file = (path: string, text: string): void => writeFileSync(join(folder, path), text);
    for (const name of ['jobs/production', 'bin']) mkdirSync(join(folder, name), { recursive: true });
    const isNeeded = ({ kind, metadata }: Rendered): boolean =>
      metadata.name === 'weir-flink-config' || (kind === 'ClusterRole' && /^weir-(view|edit)$/.test(metadata.name));
    const needed = objects.filter(isNeeded).map((object) => {
      const { namespace, ...metadata } = object.metadata;
      return { ...object, metadata: namespace === undefined ? metadata : { ...metadata, namespace: 'weir' } };
    });
    expect(needed).toHaveLength(3);
    file('installed.yaml', needed.map((object) => dump(object)).join('---\n'));
    await kube('apply', '-f', join(folder, 'installed.yaml'));
    const [job] = loadAll(read('eks/jobs.yaml')) as KubeObject[];
    file('jobs/production/orders.yaml', dump(job));
    symlinkSync(join(deploy, '../bin/weir.mjs'), join(folder, 'bin/weir'));
    symlinkSync(kubectl, join(folder, 'bin/kubectl'));
    const env = {
      PATH: `${folder}/bin:${process.env.PATH}`,
      KUBECONFIG_TEXT: await pipelineAccount(),
    };
    const ended: [task: string | undefined, code: number, said: string][] = [];
    for (const { task, config } of tasks) {
      // Nobody looks after the job here.
      if (task === 'wait') await standAsReady();
      const { code, stderr } = await tryRun(config?.run.path ?? '', config?.run.args ?? [], { cwd: folder, env });
      ended.push([task, code, stderr]);
    }
    rmSync(folder, { recursive: true });
    expect(ended.map(([task, code, said]) => [task, code, code === 0 ? '' : said])).toEqual([
      ['plan', 0, ''],
      ['apply', 0, ''],
      ['wait', 0, ''],
    ]);
  });

  /** The kubeconfig of an account with the rights that the pipeline asks for. */
  async function pipelineAccount(): Promise<string> {
    await kube('create', 'serviceaccount', 'ci', '-n', 'weir');
    for (const [role, namespace] of [
      ['edit', 'shop'],
      ['view', 'weir'],
    ] as const) {
      await kube('create', 'rolebinding', 'ci', `--clusterrole=${role}`, '--serviceaccount=weir:ci', '-n', namespace);
    }
    const user = ['--as', 'system:serviceaccount:weir:ci'];
    await until('the roles to be added up', async () => {
      const args = ['--kubeconfig', server.kubeconfigPath, 'auth', 'can-i', 'patch', 'flinkdep', '-n', 'shop', ...user];
      const { code, stdout } = await tryRun(kubectl, args);
      return code === 0 ? { done: true } : { not: stdout };
    });
    const token = (await kube('create', 'token', 'ci', '-n', 'weir')).trim();
    const config = load(readFileSync(server.kubeconfigPath, 'utf8')) as { users: { name: string }[] };
    return dump({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
  }

  /** Writes what the operator would, once the job runs. */
  async function standAsReady(): Promise<void> {
    const ready = { type: 'Ready', status: 'True', reason: 'Running', message: 'it runs', observedGeneration: 1 };
    const status = { conditions: [{ ...ready, lastTransitionTime: '2026-01-01T00:00:00Z' }] };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await kube('patch', 'flinkdep', 'orders', '-n', 'shop', ...patch);
  }
});

/** What is looked at of a Concourse pipeline. */
interface Pipeline {
  readonly resources: readonly { readonly name: string }[];
  readonly jobs: readonly {
    readonly plan: readonly {
      readonly in_parallel?: readonly { readonly get: string }[];
      readonly task?: string;
      readonly config?: { readonly run: { readonly path: string; readonly args: readonly string[] } };
    }[];
  }[];
}
