import { join } from 'node:path';
import { dump, loadAll } from 'js-yaml';
import { kubernetesVersion, programs } from '../e2e/cluster/programs.ts';
import { clusterSupport } from '../e2e/cluster/support.ts';
import { run } from '../e2e/lib/run.ts';
import { crdsOf } from '../src/cli/crds.ts';
import { ENGINES } from '../src/config.ts';
import type { KubeObject } from '../src/kube/object.ts';
import type { GeneratedFile } from './generate.ts';

const NAMESPACE = 'weir';
const HEAD = '# Rendered from charts/weir by `npm run generate`; change the chart, not this file.\n';
const chart = join(import.meta.dirname, '../charts/weir');

/** Labels that say that Helm looks after an object, which is not so here. */
const HELM_LABELS = ['helm.sh/chart', 'app.kubernetes.io/managed-by'];

/** The kustomize bases: Weir as the chart's defaults have it, and the CRDs alone for those who apply these apart. */
export function deployFiles(): readonly GeneratedFile[] {
  const kustomization = (...resources: string[]): string =>
    HEAD + dump({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
  return [
    { path: 'deploy/base/kustomization.yaml', content: () => kustomization('weir.yaml') },
    {
      path: 'deploy/base/weir.yaml',
      content: async () => HEAD + (await renderedChart()).map(document).join('---\n'),
      missing: async () => (await clusterSupport()).apiOnly.why, // helm is built with Go too
    },
    { path: 'deploy/crds/kustomization.yaml', content: () => kustomization('crds.yaml') },
    { path: 'deploy/crds/crds.yaml', content: () => HEAD + crdsOf(ENGINES).map(document).join('---\n') },
  ];
}

/** What the chart installs with its defaults as release and in namespace `weir`, and that namespace; no hooks. */
async function renderedChart(): Promise<readonly KubeObject[]> {
  const { helm } = await programs(['helm']);
  const args = ['template', 'weir', chart, '--namespace', NAMESPACE, '--no-hooks', '--kube-version', kubernetesVersion];
  const objects = loadAll(await run(helm, args)) as (KubeObject | null)[];
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  return [namespace, ...objects.flatMap((object) => (object === null ? [] : [withoutHelm(object) as KubeObject]))];
}

/** The same without Helm's labels, at any depth. */
function withoutHelm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHelm);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !HELM_LABELS.includes(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutHelm(item)]));
}

function document(object: KubeObject): string {
  return dump(object, { lineWidth: 120, noRefs: true });
}
