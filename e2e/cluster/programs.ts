import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedFolder, cacheRoot, contentHash } from '../lib/cache.ts';
import { withLock } from '../lib/lock.ts';
import { run, tryRun } from '../lib/run.ts';
import { step } from '../lib/steps.ts';

/** The programs the cluster tools build from Go modules. */
export type ProgramName =
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'kubelet'
  | 'kubectl'
  | 'etcd'
  | 'coredns'
  | 'helm'
  | 'gang-scheduler'
  | 'glua'
  | 'kueue'
  | 'monitoring-check'
  | 'spark-operator'
  | 'versitygw';

/** The Kubernetes version of all its programs; the same as in programs/kubernetes/go.mod. */
export const kubernetesVersion = 'v1.34.4';

interface Recipe {
  /** Folder below programs/ with go.mod and go.sum. */
  readonly family: string;
  readonly package: string;
  readonly ldflags: string;
}

const plain = '-s -w';

/** Kubernetes finds its version in variables only the linker sets; kubelet and kubectl refuse to work without. */
function kubernetesLdflags(version: string): string {
  const [major, minor] = version.slice(1).split('.');
  const values = {
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitCommit: 'modules',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
  };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const settings = packages.flatMap((path) =>
    Object.entries(values).map(([key, value]) => `-X ${path}.${key}=${value}`),
  );
  return [plain, ...settings].join(' ');
}

/** Helm takes charts for Kubernetes 1.20 in what does not ask a cluster, such as `helm template`, unless the linker says more. */
function helmLdflags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const packages = ['helm.sh/helm/v3/pkg/chartutil', 'helm.sh/helm/v3/pkg/lint/rules'];
  const settings = packages.flatMap((path) => [
    `-X ${path}.k8sVersionMajor=${major}`,
    `-X ${path}.k8sVersionMinor=${minor}`,
  ]);
  return [plain, ...settings].join(' ');
}

function kubernetes(name: string): Recipe {
  return {
    family: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: kubernetesLdflags(kubernetesVersion),
  };
}

const recipes: Readonly<Record<ProgramName, Recipe>> = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubelet: kubernetes('kubelet'),
  kubectl: kubernetes('kubectl'),
  etcd: { family: 'etcd', package: 'go.etcd.io/etcd/server/v3', ldflags: plain },
  coredns: { family: 'coredns', package: '.', ldflags: plain },
  helm: { family: 'helm', package: 'helm.sh/helm/v3/cmd/helm', ldflags: helmLdflags(kubernetesVersion) },
  // kube-scheduler with the coscheduling of scheduler-plugins.
  'gang-scheduler': { ...kubernetes('kube-scheduler'), family: 'scheduler-plugins', package: '.' },
  // The Lua that Argo CD runs health checks and actions with.
  glua: { family: 'lua', package: 'github.com/yuin/gopher-lua/cmd/glua', ldflags: plain },
  // The Kubeflow Spark Operator, to be taken over from.
  'spark-operator': {
    family: 'spark-operator',
    package: 'github.com/kubeflow/spark-operator/v2/cmd/operator',
    ldflags: plain,
  },
  // Kueue, which admits SparkApplications through spec.suspend.
  kueue: { family: 'kueue', package: 'sigs.k8s.io/kueue/cmd/kueue', ldflags: plain },
  'monitoring-check': { family: 'monitoring', package: '.', ldflags: plain },
  versitygw: { family: 'versitygw', package: 'github.com/versity/versitygw/cmd/versitygw', ldflags: plain },
};

/** Exactly the checked-in modules with the installed Go, static and the same bytes wherever the checkout is. */
export const goEnvironment: Readonly<Record<string, string>> = {
  GOTOOLCHAIN: 'local',
  CGO_ENABLED: '0',
  GOFLAGS: '-trimpath -buildvcs=false -mod=readonly',
};

/** `go env` values that decide what a build makes; throws a plain message when Go is missing. */
export async function goTarget(): Promise<string> {
  const result = await tryRun('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { env: goEnvironment }).catch(
    () => undefined,
  );
  if (result === undefined || result.code !== 0)
    throw new Error('the cluster programs are built with Go: install Go 1.26 or newer');
  return result.stdout.trim().replaceAll('\n', ' ');
}

function familyFolder(family: string): string {
  return join(dirname(fileURLToPath(import.meta.url)), 'programs', family);
}

/** Where the files of a Go module are that a program is built from, those among them that are no code. Downloads it if needed. */
export async function moduleFolder(program: ProgramName, module: string): Promise<string> {
  const cwd = familyFolder(recipes[program].family);
  const answer = await run('go', ['mod', 'download', '-json', module], { cwd, env: goEnvironment });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}

/** Cache key of a program: everything that goes into it. */
async function programKey(recipe: Recipe, target: string): Promise<string> {
  const folder = familyFolder(recipe.family);
  const files = ['go.mod', 'go.sum', 'main.go'].map((file) => join(folder, file)).filter((path) => existsSync(path));
  return contentHash([
    { text: [target, recipe.package, recipe.ldflags, JSON.stringify(goEnvironment)].join('\n') },
    ...files.map((path) => ({ path })),
  ]);
}

/**
 * Paths of the named programs. Builds those that are not in the cache yet (one build at a time on a machine, also when
 * several processes ask), with progress on standard error. A program found is one whole, built from the sources of now.
 */
export async function programs<N extends ProgramName>(names: readonly N[]): Promise<Record<N, string>> {
  const target = await goTarget();
  const entries = await Promise.all(
    names.map(async (name) => {
      const key = `${name}-${await programKey(recipes[name], target)}`;
      return { name, key, path: join(cacheRoot(), 'programs', key, name) };
    }),
  );
  const missing = (): typeof entries => entries.filter(({ path }) => !existsSync(path));
  if (missing().length > 0) {
    await withLock(
      join(cacheRoot(), 'programs', '.lock'),
      async () => {
        await removeUnfinished();
        for (const family of new Set(missing().map(({ name }) => recipes[name].family))) {
          await buildFamily(
            family,
            missing().filter(({ name }) => recipes[name].family === family),
          );
        }
      },
      () => process.stderr.write('… waiting for another build of the cluster programs\n'),
    );
  }
  return Object.fromEntries(entries.map(({ name, path }) => [name, path])) as Record<N, string>;
}

/** Removes what builds that were killed left; called with the lock held, so that none of them is under way. */
async function removeUnfinished(): Promise<void> {
  const folder = join(cacheRoot(), 'programs');
  for (const name of await readdir(folder)) {
    if (name.startsWith('.building-') || name.includes('.making-')) await rm(join(folder, name), { recursive: true });
  }
}

/** Builds programs of one module in one go (they share most packages) and puts each in its cache folder. */
async function buildFamily(family: string, wanted: readonly { name: ProgramName; key: string }[]): Promise<void> {
  const names = wanted.map(({ name }) => name);
  await step(`build ${names.join(', ')} from Go modules`, async (handle) => {
    await mkdir(join(cacheRoot(), 'programs'), { recursive: true });
    const out = await mkdtemp(join(cacheRoot(), 'programs', '.building-'));
    try {
      const [first] = wanted;
      if (first === undefined) return;
      const target = wanted.length === 1 ? join(out, first.name) : `${out}/`;
      const packages = names.map((name) => recipes[name].package);
      const args = ['build', '-ldflags', recipes[first.name].ldflags, '-o', target, ...packages];
      await run('go', args, { cwd: familyFolder(family), env: goEnvironment, onOutput: (text) => handle.note(text) });
      for (const { name, key } of wanted) {
        await cachedFolder('programs', key, (folder) => rename(join(out, name), join(folder, name)));
      }
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  });
}

/** Whether the named programs are in the cache, without building anything. */
export async function programsCached(names: readonly ProgramName[]): Promise<boolean> {
  const target = await goTarget();
  const keys = await Promise.all(names.map(async (name) => `${name}-${await programKey(recipes[name], target)}`));
  return keys.every((key) => existsSync(join(cacheRoot(), 'programs', key)));
}
