import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { crdsOf } from '../src/cli/crds.ts';
import { ENGINES } from '../src/config.ts';

const HEAD =
  '# Rendered from deploy/argocd/lua by `npm run generate`. Add the data to the ConfigMap argocd-cm of Argo CD.\n';
const folder = join(import.meta.dirname, '../deploy/argocd/lua');
const lua = (name: string): string => readFileSync(join(folder, `${name}.lua`), 'utf8');

/** Lua files by action, and the one that says which actions an object offers. */
interface Actions {
  readonly discovery: string;
  readonly definitions: Readonly<Record<string, string>>;
}

const FLINK: Actions = {
  discovery: 'flink',
  definitions: {
    suspend: 'flink-suspend',
    resume: 'flink-resume',
    restart: 'flink-restart',
    savepoint: 'flink-savepoint',
  },
};
const SUSPENSION = { suspend: 'spark-suspend', resume: 'spark-resume' };

/** The actions of each kind. */
const ACTIONS: Readonly<Record<string, Actions>> = {
  FlinkDeployment: FLINK,
  FlinkSessionJob: FLINK,
  FlinkStateSnapshot: { discovery: 'snapshot', definitions: { again: 'snapshot-again' } },
  SparkApplication: { discovery: 'spark', definitions: SUSPENSION },
  ScheduledSparkApplication: {
    discovery: 'scheduled',
    definitions: { ...SUSPENSION, 'run-now': 'scheduled-run-now' },
  },
  SparkConnect: { discovery: 'connect', definitions: { restart: 'connect-restart' } },
};

/** The customizations of Argo CD for every kind: health by conditions, and actions. */
export function argoCdFile(): { readonly path: string; content(): string } {
  return {
    path: 'deploy/argocd/argocd-cm.yaml',
    content: () => {
      const data = Object.fromEntries(crdsOf(ENGINES).flatMap(({ spec }) => customizations(spec as Names)));
      const metadata = { name: 'argocd-cm', namespace: 'argocd', labels: { 'app.kubernetes.io/part-of': 'argocd' } };
      return HEAD + dump({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, { lineWidth: 120, noRefs: true });
    },
  };
}

interface Names {
  readonly group: string;
  readonly names: { readonly kind: string };
}

function customizations({ group, names: { kind } }: Names): readonly (readonly [string, string])[] {
  const actions = ACTIONS[kind];
  if (actions === undefined) throw new Error(`${kind} has no actions for Argo CD`);
  const health = [`resource.customizations.health.${group}_${kind}`, lua('health')] as const;
  const definitions = Object.entries(actions.definitions).map(([name, file]) => ({
    name,
    'action.lua': lua(`actions/${file}`),
  }));
  const text = dump({ 'discovery.lua': lua(`actions/${actions.discovery}`), definitions }, { lineWidth: 120 });
  return [health, [`resource.customizations.actions.${group}_${kind}`, text]];
}
