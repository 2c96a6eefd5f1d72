import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, NAMESPACE } from '../../bench/api.ts';
import { createNode, fakeNode } from '../../bench/fake-node.ts';
import { flinkRef } from '../../bench/objects.ts';
import { sparkApplication } from '../../bench/spark/objects.ts';
import { type StormMode, stormApplication } from '../../bench/storm/application.ts';
import { type StormClusters, startStormClusters } from '../../bench/storm/clusters.ts';
import { wrongTransitions } from '../../bench/storm/truth.ts';
import type { FlinkDeploymentStatus } from '../../src/flink/schema.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { SPARK_LABELS } from '../../src/spark/conf/submission.ts';
import { SPARK_APPLICATION_KIND, type SparkApplicationStatus } from '../../src/spark/schema.ts';
import { until } from '../kit/until.ts';
import type { Sightings } from './sightings.ts';

/** The jobs of a test, and the truth about what ran. */
export interface Jobs {
  /** Makes the FlinkDeployments and waits until their jobs run. */
  start(): Promise<void>;
  /** Gives every FlinkDeployment a new image and makes the SparkApplications, evenly over a time. */
  change(overMs: number): Promise<void>;
  /** Waits until every upgrade is done and every application complete. */
  settled(): Promise<void>;
  /** What went wrong, in words, by what ran and not by what was said of it. */
  wrong(): readonly string[];
  close(): Promise<void>;
}

const IMAGE = 'flink:2.0.2';
const MODES: readonly StormMode[] = ['last-state', 'savepoint'];
const DRIVER_RUNS_MS = 2000;
const PATIENCE_MS = 180_000;

interface Home {
  readonly api: Api;
  readonly clusters: StormClusters;
  readonly flink: Readonly<Record<StormMode, readonly string[]>>;
  readonly spark: readonly string[];
  /** Names of all driver pods there ever were, by their uid. */
  readonly drivers: Map<string, string>;
}

/** As many jobs of either kind, Flink's half by last-state and half by savepoint; their pods run on a node that is played. */
export async function createJobs(
  api: Api,
  sightings: Sightings,
  count: { readonly flink: number; readonly spark: number },
): Promise<Jobs> {
  await createNode(api);
  const drivers = new Map<string, string>();
  const driverNode = fakeNode({ api, onRunning: () => undefined, runsMs: DRIVER_RUNS_MS });
  const isDriver = ({ metadata }: KubeObject): boolean => metadata.labels?.['spark-role'] === 'driver';
  const clusters = await startStormClusters(api, {
    each: (listener) => sightings.each((sighting) => isDriver(sighting.object) || listener(sighting)),
  });
  sightings.each((sighting) => {
    const { metadata } = sighting.object;
    if (!isDriver(sighting.object)) return;
    drivers.set(metadata.uid ?? '', metadata.labels?.[SPARK_LABELS.appName] ?? '');
    driverNode(sighting);
  });
  const numbered = (prefix: string, many: number): string[] =>
    Array.from({ length: many }, (_, index) => `${prefix}-${index}`);
  const flink = {
    'last-state': numbered('kept', Math.ceil(count.flink / 2)),
    savepoint: numbered('saved', Math.floor(count.flink / 2)),
  };
  const home: Home = { api, clusters, flink, spark: numbered('pi', count.spark), drivers };
  return {
    start: () => start(home),
    change: (overMs) => change(home, overMs),
    async settled() {
      await untilStable(home, 2);
      await untilComplete(home);
    },
    wrong: () => [...wrongUpgrades(home), ...wrongDrivers(home)],
    close: () => clusters.close(),
  };
}

async function start(home: Home): Promise<void> {
  const { api, clusters, flink } = home;
  for (const mode of MODES) {
    for (const name of flink[mode]) await api.create(stormApplication(name, mode, clusters.port));
  }
  await untilStable(home, 1);
}

async function change({ api, flink, spark }: Home, overMs: number): Promise<void> {
  const edits = flink['last-state'].flatMap((name, index) => [name, flink.savepoint[index] ?? []].flat());
  const steps = [
    ...edits.map((name) => () => api.patch(flinkRef(name), { spec: { image: IMAGE } })),
    ...spark.map((name) => () => api.create(sparkApplication(name))),
  ];
  const order = steps.map((step, index) => ({ step, place: (index * 7) % steps.length }));
  for (const { step } of order.toSorted((a, b) => a.place - b.place)) {
    await step();
    await sleep(overMs / steps.length);
  }
}

async function untilStable({ api }: Home, generation: number): Promise<void> {
  await until(
    `generation ${generation} of every job to be STABLE`,
    async () => {
      const all = await api.list(flinkRef(''));
      const late = all.filter((object) => !isStable(object, generation));
      return late.length === 0 ? { done: true } : { not: late.map(describe).join('; ') };
    },
    { timeoutMs: PATIENCE_MS },
  );
}

function isStable({ status }: KubeObject, generation: number): boolean {
  const { lifecycleState, observedGeneration = 0, jobStatus } = (status ?? {}) as FlinkDeploymentStatus;
  return lifecycleState === 'STABLE' && observedGeneration >= generation && jobStatus?.state === 'RUNNING';
}

function describe({ metadata, status }: KubeObject): string {
  const { lifecycleState, observedGeneration, jobStatus, error } = (status ?? {}) as FlinkDeploymentStatus;
  return `${metadata.name} is ${lifecycleState} ${jobStatus?.state} at ${observedGeneration} ${error ?? ''}`;
}

async function untilComplete({ api, spark }: Home): Promise<void> {
  await until(
    'every Spark application to be COMPLETED',
    async () => {
      const states = (await api.list(SPARK_APPLICATION_KIND)).map(
        ({ status }) => ((status ?? {}) as SparkApplicationStatus).applicationState?.state,
      );
      const done = states.filter((state) => state === 'COMPLETED').length;
      return done === spark.length ? { done: true } : { not: states.join(', ') };
    },
    { timeoutMs: PATIENCE_MS },
  );
}

function wrongUpgrades({ clusters, flink }: Home): readonly string[] {
  return MODES.flatMap((mode) =>
    wrongTransitions(clusters.runs, { apps: flink[mode], image: IMAGE, keepsJobId: mode === 'last-state' }),
  );
}

function wrongDrivers({ spark, drivers }: Home): readonly string[] {
  const made = [...drivers.values()];
  return spark.flatMap((name) => {
    const count = made.filter((app) => app === name).length;
    return count === 1 ? [] : [`${NAMESPACE}/${name}: ${count} drivers`];
  });
}
