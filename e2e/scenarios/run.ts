import pc from 'picocolors';
import type { ClusterChoice } from '../cluster/cluster.ts';
import { diagnostics } from '../kit/diagnostics.ts';
import { stateClaim } from '../kit/flink.ts';
import { flinkKinds } from '../kit/kube.ts';
import { grantDrivers, grantJobs, installOperator, type Operator, uninstallOperator } from '../kit/operator.ts';
import { type GivenImages, type Stage, type StageImage, setUpStage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';

/** How a scenario went. */
export interface ScenarioResult {
  readonly name: string;
  readonly seconds: number;
  /** Absent when all was seen. */
  readonly error?: string;
}

/** What to run, and where. */
export interface ScenarioRun {
  readonly cluster: ClusterChoice;
  readonly scenarios: readonly Scenario[];
  readonly given?: GivenImages;
  /** Ends the run early: the scenario under way fails, the others are not begun. */
  readonly signal?: AbortSignal;
}

const operatorNamespace = 'weir-system';

/** How many scenarios run at a time: each waits most of its time, and every Flink takes two cores to start. */
const sideBySide = 3;

/**
 * Sets everything up and runs the scenarios, all of them even when one fails: first one after another those that need the
 * cluster for themselves, then the others side by side. Tells how each went, in the order in which they ended.
 */
export async function runScenarios(options: ScenarioRun): Promise<readonly ScenarioResult[]> {
  const images = new Set<StageImage>(['weir', ...options.scenarios.flatMap((scenario) => scenario.images)]);
  const stage = await setUpStage({ ...options, images: [...images] });
  try {
    const operator = await installOperator(stage, operatorNamespace);
    const results: ScenarioResult[] = [];
    const runLane = async (lane: Scenario[]): Promise<void> => {
      for (let next = lane.shift(); next !== undefined; next = lane.shift()) {
        if (options.signal?.aborted === true) return;
        results.push(await runOne(next, stage, operator, options.signal));
      }
    };
    await runLane(options.scenarios.filter(({ alone }) => alone));
    const others = options.scenarios.filter(({ alone }) => !alone);
    await Promise.all(Array.from({ length: sideBySide }, () => runLane(others)));
    if (stage.cluster.kind === 'context') await leaveClean(stage, options.scenarios);
    return results;
  } finally {
    await stage.kube.close();
  }
}

function namespaceOf({ name }: Scenario): string {
  return `e2e-${name.replaceAll('.', '-')}`;
}

/** In a cluster of the user's nothing stays but what the chart keeps on purpose. */
async function leaveClean(stage: Stage, scenarios: readonly Scenario[]): Promise<void> {
  for (const scenario of scenarios) await closeNamespace(stage, namespaceOf(scenario));
  await uninstallOperator(stage, operatorNamespace);
  await closeNamespace(stage, operatorNamespace);
}

async function runOne(
  scenario: Scenario,
  stage: Stage,
  operator: Operator,
  signal: AbortSignal | undefined,
): Promise<ScenarioResult> {
  const begun = Date.now();
  const elapsed = (): number => Math.round((Date.now() - begun) / 100) / 10;
  const tell = (text: string): void => {
    process.stderr.write(`  ${pc.dim(`${elapsed().toFixed(1).padStart(6)} s  ${scenario.name}`)}  ${text}\n`);
  };
  process.stderr.write(`${pc.bold(scenario.name)}: ${scenario.summary}\n`);
  const namespace = namespaceOf(scenario);
  const context: ScenarioContext = {
    stage,
    kube: stage.kube,
    operator,
    namespace,
    flinkImage: (version) => stage.image(`flink-${version}`),
    sparkImage: (version) => stage.image(`spark-${version}`),
    async until(what, look, patience = {}) {
      const found = await until(what, look, signal === undefined ? patience : { signal, ...patience });
      tell(`${pc.green('✓')} ${what}`);
      return found;
    },
    say: tell,
  };
  try {
    await openNamespace(stage, namespace);
    await scenario.run(context);
    await stage.kube.delete({ plural: 'namespaces', name: namespace }); // and on: it takes its time
    process.stderr.write(`${pc.green('✓')} ${scenario.name} ${pc.dim(`${elapsed()} s`)}\n`);
    return { name: scenario.name, seconds: elapsed() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${pc.red('✗')} ${scenario.name} ${pc.dim(`${elapsed()} s`)}: ${message}\n`);
    if (signal?.aborted !== true) await tearDown(stage, namespace, operator);
    return { name: scenario.name, seconds: elapsed(), error: message };
  }
}

/** After a failure: shows what there is to see, then clears the way for the next scenario. */
async function tearDown(stage: Stage, namespace: string, operator: Operator): Promise<void> {
  process.stderr.write(`${await diagnostics(stage, namespace, operator)}\n`);
  await closeNamespace(stage, namespace).catch(async (error: unknown) => {
    process.stderr.write(`${String(error)}; giving up its finalizers\n`);
    for (const plural of flinkKinds) {
      for (const { metadata } of await stage.kube.list(plural, namespace)) {
        await stage.kube.patch({ plural, namespace, name: metadata.name }, { metadata: { finalizers: null } });
      }
    }
  });
}

async function openNamespace(stage: Stage, namespace: string): Promise<void> {
  await closeNamespace(stage, namespace); // of a run that was kept or cut short
  await stage.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await grantJobs(stage, namespace);
  await grantDrivers(stage, namespace);
  await stage.kube.apply(stateClaim(namespace));
}

/** Deletes a scenario's resources, then its namespace, and returns when it is gone. Fine if it is not there. */
export async function closeNamespace({ kube }: Pick<Stage, 'kube'>, namespace: string): Promise<void> {
  const target = { plural: 'namespaces', name: namespace } as const;
  if ((await kube.get(target)) === undefined) return;
  for (const plural of flinkKinds) {
    for (const { metadata } of await kube.list(plural, namespace).catch(() => [])) {
      await kube.delete({ plural, namespace, name: metadata.name });
    }
  }
  await kube.delete(target);
  await until(
    `namespace ${namespace} to be gone`,
    async () => {
      const found = await kube.get(target);
      return found === undefined ? { done: true } : { not: JSON.stringify(found.status) };
    },
    { timeoutMs: 120_000 },
  );
}
