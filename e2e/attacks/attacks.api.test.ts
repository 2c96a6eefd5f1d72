import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE } from '../../bench/api.ts';
import { type OperatorProcess, startOperator } from '../../bench/operator-process.ts';
import { FLINK_API_VERSION } from '../../src/flink/schema.ts';
import { SESSION_JOB_KIND } from '../../src/flink/session-job/schema.ts';
import { SNAPSHOT_KIND } from '../../src/flink/snapshot/schema.ts';
import { aFlinkDeployment } from '../../src/flink/testing.ts';
import type { Condition } from '../../src/kube/conditions.ts';
import type { KubeObject, ObjectRef } from '../../src/kube/object.ts';
import { refOf } from '../../src/kube/object.ts';
import { isRecord } from '../../src/lib/json.ts';
import { SPARK_CONNECT_KIND } from '../../src/spark/connect/schema.ts';
import { SCHEDULE_KIND } from '../../src/spark/schedule/schema.ts';
import { SPARK_APPLICATION_KIND } from '../../src/spark/schema.ts';
import { aSparkApplication } from '../../src/spark/testing.ts';
import { freePorts } from '../cluster/ports.ts';
import { until } from '../kit/until.ts';
import { deniedWith, webhookConfiguration, webhookRef } from '../kit/webhook.ts';
import type { Attack, Threat } from './attack.ts';
import { podsOfSamples } from './built-pods.ts';
import { CONTENT } from './content.ts';
import { DERIVED } from './derived.ts';
import { ASIDE, CANARY, SQUATTED } from './forged.ts';
import { HOSTILE_CLUSTERS, HOSTILE_JOB, type HostileJobManagers, startHostileJobManagers } from './job-managers.ts';
import { REACH } from './reach.ts';
import { foreignObjects } from './victims.ts';
import { RESTRICTED, startWorld, type World } from './world.ts';

const CONFIGURATION = 'weir';
/** How a refusal begins that the API server makes by itself: by a schema, or because of the size. */
const BY_SERVER = 'API server';

/** Rules of the restricted profile that say something of the image, so that only the author of a resource can. */
const BY_IMAGE = ['allowPrivilegeEscalation', 'unrestricted capabilities', 'runAsNonRoot', 'seccompProfile'];

/** Kinds of which attacks are made. */
const KINDS = [
  { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment' },
  SESSION_JOB_KIND,
  SNAPSHOT_KIND,
  SPARK_APPLICATION_KIND,
  SCHEDULE_KIND,
  SPARK_CONNECT_KIND,
];

/** Every attack with a name and a namespace of its own. */
const ATTACKS = [...REACH, ...CONTENT, ...ASIDE, ...DERIVED].map((attack, number) => ({
  ...attack,
  object: objectOf(attack, number),
}));

function objectOf({ threat, resource, metadata = {} }: Attack, number: number): KubeObject {
  const namespace = threat === 'T2' ? RESTRICTED : NAMESPACE;
  return { ...resource, metadata: { name: `attack-${number}`, ...metadata, namespace } };
}

function labelOf({ threat, what, object }: (typeof ATTACKS)[number]): string {
  return `${threat} ${object.kind} ${object.metadata.name}: ${what.slice(0, 80)}`;
}

interface Said {
  readonly conditions?: readonly Condition[];
  readonly [field: string]: unknown;
}

function said({ status }: KubeObject): Said {
  return isRecord(status) ? status : {};
}

/** What a resource says keeps it from being acted on. */
function stalled(object: KubeObject): Condition | undefined {
  return said(object).conditions?.find(({ type }) => type === 'Stalled');
}

describe('attacks', () => {
  let world: World;
  let jobManagers: HostileJobManagers;
  let operator: OperatorProcess;
  /** What admission said of an attack, by its label: the refusal's words, or that the API server refuses it itself. */
  const denied = new Map<string, string>();
  let foreign: readonly KubeObject[] = [];

  beforeAll(async () => {
    [world, jobManagers] = await Promise.all([startWorld(), startHostileJobManagers()]);
  }, 900_000);
  afterAll(async () => {
    await operator?.stop();
    await jobManagers?.close();
    await world?.plane.stop();
  });

  /** A replica that only answers admission: the Lease is somebody else's. */
  async function startJudge(): Promise<OperatorProcess> {
    const { api, kubeconfigPath } = world.plane;
    const [port = 0] = await freePorts(1);
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const metadata = { name: 'weir', namespace: NAMESPACE };
    const spec = { holderIdentity: 'nobody', leaseDurationSeconds: 3600, renewTime, acquireTime: renewTime };
    await api.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
    await api.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'weir-webhook', namespace: NAMESPACE } });
    const url = `https://127.0.0.1:${port}/validate`;
    await api.create(webhookConfiguration(CONFIGURATION, { 'validate.weir.dev': url }, 'Fail'));
    const flags = {
      'leader-election': 'true',
      'lease-namespace': NAMESPACE,
      'webhook-port': String(port),
      'webhook-hosts': '127.0.0.1',
      'webhook-configuration': CONFIGURATION,
    };
    return startOperator({ kubeconfigPath, flags });
  }

  /** What keeps an object from being stored, if anything does. */
  async function refusalOf(object: KubeObject): Promise<string | undefined> {
    try {
      await world.plane.api.tryCreate(object);
      return undefined;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (/failed calling webhook|HTTP 5/.test(text)) throw error;
      return deniedWith(error) ?? `${BY_SERVER}: ${text}`;
    }
  }

  it('are at least a hundred, and five of each kind and of each class that a resource can be of', () => {
    expect(ATTACKS.length).toBeGreaterThanOrEqual(150);
    const threats = new Map<Threat, number>();
    for (const { threat } of ATTACKS) threats.set(threat, (threats.get(threat) ?? 0) + 1);
    expect([...threats].filter(([, count]) => count < 5)).toEqual([]);
    expect([...threats.keys()]).toHaveLength(15);
    const counts = KINDS.map(({ kind }) => ATTACKS.filter(({ object }) => object.kind === kind).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(5);
  });

  it('are refused at admission by the field that is wrong, or taken', async () => {
    const judge = await startJudge();
    const probe = { ...aSparkApplication({ spec: { mode: 'client' } }), metadata: { name: 'p', namespace: NAMESPACE } };
    await until('the API server to know the webhook', async () => {
      const told = await refusalOf(probe);
      return told?.startsWith('spec.mode') ? { done: true } : { not: String(told) };
    });
    const wrong: string[] = [];
    for (const attack of ATTACKS) {
      const told = await refusalOf(attack.object);
      if (told !== undefined) denied.set(labelOf(attack), told);
      const asExpected =
        attack.refused === undefined ? (told ?? BY_SERVER).startsWith(BY_SERVER) : told?.includes(attack.refused);
      if (asExpected !== true) wrong.push(`${labelOf(attack)}: ${told ?? 'taken'}`);
    }
    expect(wrong).toEqual([]);
    await world.plane.api.delete(webhookRef(CONFIGURATION));
    await judge.stop();
    await until('the API server to forget the webhook', async () => {
      const told = await refusalOf(probe).catch(String);
      return told === undefined ? { done: true } : { not: told };
    });
  });

  /** Stores every attack the API server takes, with its status, before the operator is there to say anything. */
  async function attack(): Promise<void> {
    for (const one of ATTACKS) {
      if (denied.get(labelOf(one))?.startsWith(BY_SERVER)) continue;
      await world.plane.api.create(one.object);
      if (one.status === undefined) continue;
      await world.plane.api.patch(refOf(one.object), { status: one.status }, 'status').catch((error: unknown) => {
        if (!/Invalid/.test(String(error))) throw error; // the schema keeps it out
      });
    }
  }

  function all(): Promise<readonly KubeObject[]> {
    return Promise.all(KINDS.map((kind) => world.plane.api.list(kind))).then((lists) => lists.flat());
  }

  /** A cluster whose JobManager is one of the hostile ones, as far along as a cluster without controllers comes. */
  async function hostileCluster(name: string): Promise<void> {
    const { api } = world.plane;
    const flinkConfiguration = { 'rest.port': String(jobManagers.port), '$internal.pipeline.job-id': HOSTILE_JOB };
    const { apiVersion, kind, spec } = aFlinkDeployment({ spec: { flinkConfiguration } });
    await api.create({ apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec });
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name };
    const status = { replicas: 1, availableReplicas: 1, readyReplicas: 1, updatedReplicas: 1 };
    await until(`Deployment ${name}`, async () => {
      await api.patch(ref, { status }, 'status');
      return { done: true };
    });
  }

  it('lead to nothing where nobody refuses them, and hold nobody up', async () => {
    const { plane, account } = world;
    foreign = await Promise.all(foreignObjects(SQUATTED, CANARY).map((object) => plane.api.create(object)));
    await attack();
    operator = await startOperator({ kubeconfigPath: account.kubeconfigPath, flags: { 'probe-timeout': '5s' } });
    await Promise.all(HOSTILE_CLUSTERS.map(hostileCluster));
    const bystander = { ...aSparkApplication(), metadata: { name: 'bystander', namespace: NAMESPACE } };
    await plane.api.create(bystander);
    const driver = { apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE, name: 'bystander-driver' };
    await until('the driver of a bystander', async () => ({ done: await plane.api.get(driver) }));
    await until('every attack to be answered', async () => {
      const unanswered = (await all()).filter((object) => (said(object).conditions ?? []).length === 0);
      return unanswered.length === 0
        ? { done: true }
        : { not: unanswered.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ') };
    });
    await until('every JobManager to be asked', async () => {
      const { status } = await plane.api.get(flinkRef('jm-control'));
      const silent = await plane.api.get(flinkRef('jm-silent'));
      const told = JSON.stringify(silent.status);
      return JSON.stringify(status).includes('RESTARTING') && /jm-silent-rest/.test(told)
        ? { done: true }
        : { not: told };
    });
  });

  it('are refused by the loop in the same words', async () => {
    const found = new Map((await all()).map((object) => [`${object.kind} ${object.metadata.name}`, object]));
    for (const one of ATTACKS) {
      const told = denied.get(labelOf(one));
      const stored = found.get(`${one.object.kind} ${one.object.metadata.name}`);
      if (told === undefined || stored === undefined || one.status !== undefined) continue;
      expect(stalled(stored)?.message, labelOf(one)).toBe(told);
    }
  });

  it('never make the operator fail, nor its statuses grow', async () => {
    for (const object of await all()) {
      const what = `${object.kind} ${object.metadata.name}`;
      const { reconciliationStatus, ...rest } = said(object);
      expect(JSON.stringify(object.status ?? {}), what).not.toContain('InternalError');
      // What the incumbent's field for the spec holds is bounded by the spec itself.
      const { lastReconciledSpec: _spec, lastStableSpec: _stable, ...others } = (reconciliationStatus ?? {}) as Said;
      expect(JSON.stringify({ ...rest, ...others }).length, what).toBeLessThan(65_536);
    }
    const lines = (await operator.log()).split('\n');
    expect(lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
    expect(await operator.metrics()).not.toMatch(/^controller_runtime_reconcile_panics_total\{.*\} [1-9]/m);
    expect(await operator.heapMiB()).toBeLessThan(300);
  });

  it('touch nothing of others', async () => {
    for (const object of foreign) {
      const now = await world.plane.api.get(refOf(object));
      expect([now.metadata.uid, now.metadata.resourceVersion], `${object.kind} ${object.metadata.name}`).toEqual([
        object.metadata.uid,
        object.metadata.resourceVersion,
      ]);
    }
    const events = JSON.parse(await world.kubectl(['-n', NAMESPACE, 'get', 'events', '-o', 'json'])) as {
      items: { readonly message: string; readonly involvedObject: { readonly name: string } }[];
    };
    for (const name of SQUATTED) {
      const told = events.items.filter(({ involvedObject }) => involvedObject.name === name);
      const squatted = (await all()).find(({ metadata }) => metadata.name === name);
      const text = [JSON.stringify(squatted?.status), ...told.map(({ message }) => message)].join('\n');
      expect(text, name).toMatch(/already exists|was not made for this resource/);
    }
  });

  it('make the operator ask only for what it may, where the resource is', async () => {
    const asked = await world.asked();
    expect(asked.length).toBeGreaterThan(300);
    expect(asked.filter(({ objectRef }) => objectRef?.resource === 'secrets')).toEqual([]);
    const denied = await world.account.denied();
    expect(denied.filter((refusal) => !refusal.includes('violates PodSecurity'))).toEqual([]);
    const writes = asked.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
    const elsewhere = writes.filter(({ objectRef }) => ![NAMESPACE, RESTRICTED].includes(objectRef?.namespace ?? ''));
    expect(elsewhere).toEqual([]);
  });

  it('come to no pod on a node where the restricted profile is enforced', async () => {
    const { kubectl } = world;
    const found = JSON.parse(await kubectl(['-n', RESTRICTED, 'get', 'pods', '-o', 'json'])) as { items: unknown[] };
    expect(found.items).toEqual([]);
    const applications = JSON.parse(await kubectl(['-n', RESTRICTED, 'get', 'sparkapplications', '-o', 'json'])) as {
      items: KubeObject[];
    };
    for (const object of applications.items) {
      expect(stalled(object)?.message, object.metadata.name).toContain('violates PodSecurity "restricted');
    }
  });

  it('keep to the restricted profile where the image is said to allow for it, and else miss only what it must allow for', async () => {
    const missing = new Map<string, string>();
    for (const { file, pod } of podsOfSamples(RESTRICTED)) {
      const told = (await refusalOf(pod)) ?? '';
      missing.set(
        `${file} ${pod.metadata.name}`,
        (/violates PodSecurity "restricted:[^"]*": (.*)/s.exec(told)?.[1] ?? told).replace(/\([^)]*\)/g, ''),
      );
    }
    expect(missing.size).toBeGreaterThan(15);
    const rules = [...missing].map(
      ([what, text]) =>
        [
          what,
          text
            .replace(/ \(HTTP.*/, '')
            .split(',')
            .map((rule) => rule.trim()),
        ] as const,
    );
    for (const [what, list] of rules) {
      if (what.includes('/restricted.yaml')) expect(list, what).toEqual(['']);
      else
        expect(
          list.filter((rule) => !BY_IMAGE.some((known) => rule.startsWith(known))),
          what,
        ).toEqual([]);
    }
  });

  it('by JobManagers get no further than an answer of bounded size', async () => {
    expect(jobManagers.lured()).toBe(0);
    expect(jobManagers.asked().filter((path) => path.includes('..'))).toEqual([]);
    const { status } = await world.plane.api.get(flinkRef('jm-control'));
    expect(JSON.stringify(status)).not.toMatch(/\\u00(0[0-8bce-f]|1|7f|9b)|\u202e/);
  });

  it('bring no secret to light', async () => {
    const events = await world.kubectl(['get', 'events', '-A', '-o', 'json']);
    const statuses = (await all()).map((object) => {
      const { reconciliationStatus, ...rest } = said(object);
      const { lastReconciledSpec: _spec, lastStableSpec: _stable, ...others } = (reconciliationStatus ?? {}) as Said;
      return JSON.stringify({ ...rest, ...others });
    });
    const texts = {
      events,
      log: await operator.log(),
      metrics: await operator.metrics(),
      statuses: statuses.join('\n'),
    };
    for (const [where, text] of Object.entries(texts)) expect(text.includes(CANARY), where).toBe(false);
    for (const told of denied.values()) expect(told).not.toContain(CANARY);
  });

  it('do not keep what is deleted', async () => {
    const { api } = world.plane;
    const doomed = ATTACKS.filter(({ threat, object }) => threat === 'T16' && object.kind !== 'FlinkDeployment');
    const ours = doomed.filter(({ metadata }) => !JSON.stringify(metadata).includes('example.com'));
    for (const { object } of ours) await api.delete(refOf(object));
    for (const { object } of ours) {
      await until(`${object.kind} ${object.metadata.name} to be gone`, async () => {
        const found = await api.get(refOf(object)).catch(() => undefined);
        return found === undefined ? { done: true } : { not: JSON.stringify(found.metadata) };
      });
    }
  });

  function flinkRef(name: string): ObjectRef {
    return { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment', namespace: NAMESPACE, name };
  }
});
