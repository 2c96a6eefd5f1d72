import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dump } from 'js-yaml';
import { readmeFile } from '../bench/readme.ts';
import { crdsOf } from '../src/cli/crds.ts';
import { rulesYaml, splitAccess } from '../src/cli/rbac.ts';
import { cliReference } from '../src/cli/reference.ts';
import { ENGINES, type Engine } from '../src/config.ts';
import type { Access } from '../src/core/reconciler.ts';
import type { KubeObject } from '../src/kube/object.ts';
import { LEASE_OF_CHART, operatorAccess, SCOPE_ACCESS } from '../src/operator-access.ts';
import { admissionsOf } from '../src/operator-webhook.ts';
import { webhookRules } from '../src/webhook/configuration.ts';
import { argoCdFile } from './argocd.ts';
import { bundle } from './build.ts';
import { dashboardFiles } from './dashboards/dashboards.ts';
import { deployFiles } from './deploy.ts';
import { podFields } from './pod-fields.ts';
import { withChartValues } from './reference/chart-values.ts';
import { conditionsReference } from './reference/conditions.ts';
import { flinkOperatorOptionsReference } from './reference/flink-operator-options.ts';
import { flinkDeploymentReference } from './reference/flinkdeployment.ts';
import { flinkSessionJobReference } from './reference/flinksessionjob.ts';
import { flinkStateSnapshotReference } from './reference/flinkstatesnapshot.ts';
import { metricsReference } from './reference/metrics.ts';
import { scheduledSparkApplicationReference } from './reference/scheduledsparkapplication.ts';
import { sparkApplicationReference } from './reference/sparkapplication.ts';
import { sparkConnectReference } from './reference/sparkconnect.ts';
import { bundledPackages, thirdPartyReference } from './third-party.ts';

/** A file that is made from code and checked in. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  /** Its whole text; the same whenever the code is the same. */
  content(): string | Promise<string>;
  /** Why it cannot be made on this machine; undefined where it can. Then it is left as it is. */
  missing?(): Promise<string | undefined>;
}

/** Everything that is generated. To generate one more file, add it here. */
export const GENERATED: readonly GeneratedFile[] = [
  ...crdsOf(ENGINES).flatMap(crdFiles),
  { path: 'docs/reference/flinkdeployment.md', content: flinkDeploymentReference },
  { path: 'docs/reference/flinksessionjob.md', content: flinkSessionJobReference },
  { path: 'docs/reference/flinkstatesnapshot.md', content: flinkStateSnapshotReference },
  { path: 'docs/reference/flink-operator-options.md', content: flinkOperatorOptionsReference },
  { path: 'docs/reference/sparkapplication.md', content: sparkApplicationReference },
  { path: 'docs/reference/sparkconnect.md', content: sparkConnectReference },
  { path: 'docs/reference/scheduledsparkapplication.md', content: scheduledSparkApplicationReference },
  { path: 'docs/reference/conditions.md', content: conditionsReference },
  { path: 'docs/reference/metrics.md', content: metricsReference },
  ...readmeFile(),
  { path: 'docs/reference/cli.md', content: cliReference },
  { path: 'docs/reference/third-party.md', content: thirdParty },
  ...rbacFiles(),
  kindsFile(),
  webhookRulesFile(),
  {
    path: 'charts/weir/README.md',
    content: () => withChartValues(textOf('charts/weir/README.md') ?? '', textOf('charts/weir/values.yaml') ?? ''),
  },
  ...dashboardFiles(),
  ...deployFiles(),
  argoCdFile(),
  { path: 'src/kube/pod-fields.ts', content: podFields },
];

/** A CRD for `kubectl apply`, and the same for the chart. */
function crdFiles(crd: KubeObject): readonly GeneratedFile[] {
  const head = '# Generated from the schema in src by `npm run generate`; edit the schema, not this file.\n';
  const content = () => head + dump(crd, { lineWidth: 120, noRefs: true });
  return ['crds', 'charts/weir/crds'].map((folder) => ({ path: `${folder}/${crd.metadata.name}.yaml`, content }));
}

const RBAC_HEAD =
  '# Generated from what the controllers declare by `npm run generate`; edit the declaration, not this file.\n';

/** The rules of the chart's roles: where resources are looked after for every choice of engines, the rest for all. */
function rbacFiles(): readonly GeneratedFile[] {
  const choices: readonly (readonly Engine[])[] = [...ENGINES.map((engine) => [engine]), ENGINES];
  const { batchScheduler, cluster, leaderElection } = splitAccess(operatorAccess(ENGINES, LEASE_OF_CHART));
  const file = (name: string, access: readonly Access[]): GeneratedFile => ({
    path: `charts/weir/files/rbac-${name}.yaml`,
    content: () => RBAC_HEAD + rulesYaml(access),
  });
  return [
    ...choices.map((engines) => file(`watched-${engines.join('-')}`, splitAccess(operatorAccess(engines)).watched)),
    file('batch-scheduler', batchScheduler),
    file('cluster', cluster),
    file('scope', SCOPE_ACCESS),
    file('leader-election', leaderElection),
  ];
}

/** What the chart has to know of the kinds of each engine: their API group, and their plurals. */
function kindsFile(): GeneratedFile {
  const kindsOf = (engine: Engine): object => {
    const specs = crdsOf([engine]).map(({ spec }) => spec as { group: string; names: { plural: string } });
    return { group: specs[0]?.group, resources: specs.map(({ names }) => names.plural) };
  };
  const head = '# Generated from the schema in src by `npm run generate`; edit the schema, not this file.\n';
  const kinds = Object.fromEntries(ENGINES.map((engine) => [engine, kindsOf(engine)]));
  return { path: 'charts/weir/files/kinds.yaml', content: () => head + dump(kinds, { flowLevel: 2 }) };
}

/** Which requests the chart's webhook configuration has the API server ask about, for each engine. */
function webhookRulesFile(): GeneratedFile {
  const head = '# Generated from the rules of admission in src by `npm run generate`; edit those, not this file.\n';
  const rules = Object.fromEntries(ENGINES.map((engine) => [engine, webhookRules(admissionsOf([engine]))]));
  return { path: 'charts/weir/files/webhook-rules.yaml', content: () => head + dump(rules, { flowLevel: 3 }) };
}

const root = join(import.meta.dirname, '..');

async function thirdParty(): Promise<string> {
  const { metafile } = await bundle({ write: false });
  return thirdPartyReference(bundledPackages(metafile, root));
}

/** A file of the repository, undefined if there is none. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The files whose text on disk is not what would be generated, with that text. */
export async function outdated(): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const files = await Promise.all(GENERATED.map(made));
  return files.flat().filter(({ path, text }) => textOf(path) !== text);
}

async function made({ path, content, missing }: GeneratedFile): Promise<readonly { path: string; text: string }[]> {
  const why = await missing?.();
  if (why === undefined) return [{ path, text: await content() }];
  process.stderr.write(`${path} is not looked at: ${why}\n`);
  return [];
}

/** Writes what is outdated, or with `--check` only names it. Exit code 1 if `--check` finds any. */
async function main(args: readonly string[]): Promise<number> {
  const check = args[0] === '--check';
  if (args.length > (check ? 1 : 0)) {
    process.stderr.write(`usage: node scripts/generate.ts [--check]\n`);
    return 2;
  }
  const files = await outdated();
  for (const { path, text } of files) {
    if (check) process.stderr.write(`${path} is not up to date; run: npm run generate\n`);
    else {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      process.stdout.write(`${path}\n`);
    }
  }
  return check && files.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
