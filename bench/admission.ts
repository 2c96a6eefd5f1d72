import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../e2e/cluster/ports.ts';
import { deniedWith, webhookConfiguration, webhookRef } from '../e2e/kit/webhook.ts';
import { step } from '../e2e/lib/steps.ts';
import type { KubeObject } from '../src/kube/object.ts';
import { NAMESPACE } from './api.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { machineFacts } from './machine.ts';
import { bigFlinkApplication, flinkApplication } from './objects.ts';
import { startOperator } from './operator-process.ts';
import { withCpuUse } from './process-use.ts';
import type { AdmissionFigures, Measured } from './results.ts';
import { sparkApplication } from './spark/objects.ts';
import { round, spread } from './stats.ts';

/** How much is measured. */
export interface AdmissionEffort {
  readonly seconds: number;
  /** Creations a second of each sort, begun on time whether or not those before are answered. */
  readonly perSecond: number;
}

const CONFIGURATION = 'weir';
/** New CRDs and a new process are slow at first. */
const WARM_UP_SECONDS = 5;

/** A namespace that the webhook is not asked about. */
const FLOOR = 'weir-bench-floor';

/**
 * What the admission webhook adds to creations at a steady rate. They are dry runs, by turns in a namespace it is asked
 * about and in one it is not, so that whatever else the machine does disturbs both alike.
 */
export async function measureAdmission(effort: AdmissionEffort): Promise<Measured<AdmissionFigures>> {
  const machine = machineFacts();
  const plane = await startControlPlane([]);
  try {
    const [port = 0] = await freePorts(1);
    await plane.api.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'weir-webhook', namespace: NAMESPACE },
    });
    await plane.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: FLOOR } });
    await plane.api.create(configuration(port));
    const flags = {
      'webhook-port': String(port),
      'webhook-hosts': '127.0.0.1',
      'webhook-configuration': CONFIGURATION,
      'lease-namespace': NAMESPACE,
    };
    const operator = await startOperator({ kubeconfigPath: plane.kubeconfigPath, flags });
    try {
      await asked(plane);
      await step('warm up', () => creations(plane, { ...effort, seconds: WARM_UP_SECONDS }));
      const pids = { ...plane.pids, operator: operator.pid };
      const { result, cpu } = await step('creations', () => withCpuUse(pids, () => creations(plane, effort)));
      const figures: AdmissionFigures = {
        perSecond: effort.perSecond,
        createMs: spread(result.judged),
        floorMs: spread(result.floor),
        operatorCpuMsPerReview: round(((cpu.seconds.operator ?? 0) * 1000) / result.judged.length),
        foreignCores: round(cpu.foreignCores),
      };
      const { p99: value } = figures.createMs;
      const { p99: ceiling } = figures.floorMs;
      const headline = { bench: 'admission', value, unit: 'ms', ceiling, ratio: round(value / ceiling) };
      return { headline, machine, figures };
    } finally {
      await plane.api.delete(webhookRef(CONFIGURATION));
      await operator.stop();
    }
  } finally {
    await plane.stop();
  }
}

/** Resources as users write them: of 1 kB and of 8 kB. */
const OBJECTS: readonly ((name: string) => KubeObject)[] = [
  (name) => flinkApplication(name, 8081),
  bigFlinkApplication,
  sparkApplication,
];

/** Milliseconds that each creation took, where the webhook is asked and where it is not. */
interface Took {
  readonly judged: readonly number[];
  readonly floor: readonly number[];
}

async function creations({ api }: ControlPlane, { seconds, perSecond }: AdmissionEffort): Promise<Took> {
  const took = { judged: [] as number[], floor: [] as number[] };
  const started = performance.now();
  const one = async (index: number): Promise<void> => {
    const object = OBJECTS[Math.floor(index / 2) % OBJECTS.length]?.(`admitted-${index}`);
    if (object === undefined) throw new Error('there is nothing to create');
    const sort = index % 2 === 0 ? 'judged' : 'floor';
    const namespace = sort === 'judged' ? NAMESPACE : FLOOR;
    const begun = performance.now();
    await api.tryCreate({ ...object, metadata: { ...object.metadata, namespace } });
    took[sort].push(performance.now() - begun);
  };
  const begun: Promise<void>[] = [];
  for (let index = 0; index < 2 * seconds * perSecond; index++) {
    const left = started + (index * 500) / perSecond - performance.now();
    if (left > 0) await sleep(left);
    begun.push(one(index));
  }
  await Promise.all(begun);
  return took;
}

function configuration(port: number): KubeObject {
  const urls = { 'validate.weir.dev': `https://127.0.0.1:${port}/validate` };
  const whole = webhookConfiguration(CONFIGURATION, urls, 'Fail');
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } };
  return { ...whole, webhooks: whole.webhooks.map((webhook) => ({ ...webhook, namespaceSelector })) };
}

/** Returns once the API server asks the webhook and trusts it. */
async function asked({ api }: ControlPlane): Promise<void> {
  const good = sparkApplication('asked');
  const bad = { ...good, spec: { ...good.spec, mode: 'client' } };
  for (let attempt = 0; ; attempt++) {
    const error = await api.tryCreate(bad).catch((found: unknown) => found);
    if (deniedWith(error) !== undefined) return;
    if (attempt > 200) throw new Error('the API server never asks the webhook', { cause: error });
    await sleep(50);
  }
}
