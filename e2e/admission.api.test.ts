import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE } from '../bench/api.ts';
import { type ControlPlane, startControlPlane } from '../bench/control-plane.ts';
import { type OperatorProcess, startOperator } from '../bench/operator-process.ts';
import { REFUSED_SESSION_JOBS } from '../src/flink/session-job/testing/refused.ts';
import { aSessionJob } from '../src/flink/session-job/testing.ts';
import { FLINK_FINALIZER } from '../src/flink/situation.ts';
import { SNAPSHOT_KIND } from '../src/flink/snapshot/schema.ts';
import { REFUSED_SPECS as REFUSED_FLINK } from '../src/flink/testing/refused.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from '../src/flink/testing.ts';
import type { Condition } from '../src/kube/conditions.ts';
import type { KubeObject, ObjectRef } from '../src/kube/object.ts';
import { certificateAccess, operatorAccess } from '../src/operator-access.ts';
import { aSparkConnect } from '../src/spark/connect/testing.ts';
import { aSchedule } from '../src/spark/schedule/testing.ts';
import { SPARK_APPLICATION_KIND } from '../src/spark/schema.ts';
import { DENIED_PROPERTIES, REFUSED_AROUND, REFUSED_SPECS as REFUSED_SPARK } from '../src/spark/testing/refused.ts';
import { aSparkApplication } from '../src/spark/testing.ts';
import { freePorts } from './cluster/ports.ts';
import { programs } from './cluster/programs.ts';
import { createOperatorAccount, type OperatorAccount, operatorUser } from './kit/operator-account.ts';
import { until } from './kit/until.ts';
import { deniedWith, webhookConfiguration, webhookRef } from './kit/webhook.ts';
import { tryRun } from './lib/run.ts';

const CONFIGURATION = 'weir';

/** A resource as a user would send it, in the namespace of these tests. */
function sent({ apiVersion, kind, metadata, spec }: KubeObject, name: string): KubeObject {
  const { labels = {} } = metadata;
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE, labels }, spec };
}

function bad(number: number, prefix: string, object: KubeObject, plain: string): KubeObject {
  return sent(object, object.metadata.name === plain ? `${prefix}-${number}` : object.metadata.name);
}

/** Every bad input there is, with names of their own unless it is the name that is wrong. */
function badInputs(): readonly KubeObject[] {
  const snapshots = [
    {},
    { savepoint: {}, checkpoint: {} },
    { savepoint: { alreadyExists: true } },
    { checkpoint: {}, jobReference: { kind: 'FlinkDeployment' } },
  ];
  const schedules = [
    { schedule: '61 * * * *' },
    { timeZone: 'Mars/Olympus' },
    { template: { mode: 'client', driver: { cores: 0 } } },
  ] as const;
  const connects = [
    { image: '' },
    { executor: { instances: -1 }, server: { cores: 0, memory: '12xb' } },
    { sparkConf: { 'spark.kubernetes.driver.podTemplateFile': '/x' } },
  ];
  return [
    ...REFUSED_FLINK.map(([, overrides], number) =>
      bad(number, 'flink', aFlinkDeployment(overrides as FlinkDeploymentOverrides), 'orders'),
    ),
    ...REFUSED_SESSION_JOBS.map(([spec], number) => bad(number, 'job', aSessionJob({ spec }), 'clicks')),
    ...snapshots.map((spec, number) => sent({ ...SNAPSHOT_KIND, metadata: { name: '' }, spec }, `snapshot-${number}`)),
    ...[...REFUSED_SPARK, ...REFUSED_AROUND].map(([, spec], number) =>
      bad(number, 'spark', aSparkApplication({ spec }), 'pi'),
    ),
    ...DENIED_PROPERTIES.map(([key], number) =>
      bad(number, 'conf', aSparkApplication({ spec: { sparkConf: { [key]: 'x' } } }), 'pi'),
    ),
    ...schedules.map((spec, number) => bad(number, 'schedule', aSchedule({ spec }), 'report')),
    ...connects.map((spec, number) => bad(number, 'connect', aSparkConnect({ spec }), 'query')),
  ];
}

function refOf({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  return { apiVersion, kind, namespace: NAMESPACE, name: metadata.name };
}

function labelOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

/** What the resource itself says keeps it from being acted on. */
function stalledBecause({ status }: KubeObject): string | undefined {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions.find(({ type, reason }) => type === 'Stalled' && reason !== 'Error')?.message;
}

describe('admission on an API server', () => {
  let plane: ControlPlane;
  let account: OperatorAccount;
  const replicas: OperatorProcess[] = [];
  let url = '';
  let standby = '';
  let closed = '';
  /** What the webhook said of each bad input that reached it, by kind and name. */
  const denied = new Map<string, string>();

  beforeAll(async () => {
    plane = await startControlPlane([], { auditedUser: operatorUser(NAMESPACE) });
    const { own, cluster } = certificateAccess({ secret: 'weir-webhook', configuration: CONFIGURATION });
    account = await createOperatorAccount(plane, [...operatorAccess(), ...own, ...cluster]);
    const ports = await freePorts(3);
    [url = '', standby = '', closed = ''] = ports.map((port) => `https://127.0.0.1:${port}/validate`);
    const metadata = { name: 'weir-webhook', namespace: NAMESPACE };
    await plane.api.create({ apiVersion: 'v1', kind: 'Secret', metadata });
    await plane.api.create(webhookConfiguration(CONFIGURATION, { 'validate.weir.dev': url }, 'Fail'));
    for (const port of ports.slice(0, 2)) {
      const flags = {
        'leader-election': 'true',
        'lease-namespace': NAMESPACE,
        'webhook-port': String(port),
        'webhook-hosts': '127.0.0.1',
        'webhook-configuration': CONFIGURATION,
      };
      replicas.push(await startOperator({ kubeconfigPath: account.kubeconfigPath, flags }));
    }
    await turn(url, 'Fail');
  }, 900_000);
  afterAll(async () => {
    for (const replica of replicas) await replica.stop();
    await plane?.stop();
  });

  /** Points the API server to a webhook and waits until it goes by that. */
  async function turn(to: string, failurePolicy: 'Fail' | 'Ignore'): Promise<void> {
    const { webhooks } = webhookConfiguration(CONFIGURATION, { 'validate.weir.dev': to }, failurePolicy);
    const { webhooks: before = [] } = (await plane.api.get(webhookRef(CONFIGURATION))) as {
      webhooks?: readonly { clientConfig: { caBundle?: string } }[];
    };
    const caBundle = before[0]?.clientConfig.caBundle;
    const clientConfig = { url: to, caBundle };
    await plane.api.patch(webhookRef(CONFIGURATION), { webhooks: webhooks.map((one) => ({ ...one, clientConfig })) });
    const probe = {
      ...aSparkApplication({ spec: { mode: 'client' } }),
      metadata: { name: 'probe', namespace: NAMESPACE },
    };
    await until('the API server to know the webhook', async () => {
      const told = await deniedAt(probe);
      await plane.api.delete(refOf(probe));
      return (told !== undefined) === (to !== closed) ? { done: true } : { not: String(told) };
    });
  }

  async function deniedAt(object: KubeObject): Promise<string | undefined> {
    try {
      await plane.api.create(object);
      return undefined;
    } catch (error) {
      const told = deniedWith(error);
      if (told === undefined && !/is invalid:/.test(String(error))) throw error;
      return told ?? 'the schema refuses it';
    }
  }

  it('refuses every bad input', async () => {
    for (const object of badInputs()) {
      const told = await deniedAt(object);
      expect(told, labelOf(object)).toBeDefined();
      if (told !== undefined && told !== 'the schema refuses it') denied.set(labelOf(object), told);
    }
    // The others are refused by the schema, before anybody is asked.
    expect(denied.size).toBeGreaterThan(100);
    const messages = [...denied.values()];
    for (const [, , message] of REFUSED_FLINK.slice(0, 2)) expect(messages).toContain(message);
  });

  it('warns of what is deprecated and takes it', async () => {
    const object = sent(aFlinkDeployment({ spec: { flinkVersion: 'v1_17', job: { state: 'suspended' } } }), 'old');
    const { kubectl } = await programs(['kubectl']);
    const args = ['--kubeconfig', plane.kubeconfigPath, 'create', '-f', '-'];
    const { code, stderr } = await tryRun(kubectl, args, { input: JSON.stringify(object) });
    expect(stderr).toContain('Warning: spec.flinkVersion: v1_17 is deprecated, move to v1_19 or later');
    expect(code).toBe(0);
  });

  it('refuses a change that cannot be made, in words that know what runs', async () => {
    const object = sent(aFlinkDeployment(), 'runs');
    await plane.api.create(object);
    await until('the start to be recorded', async () => {
      const { status } = await plane.api.get(refOf(object));
      const { reconciliationStatus } = (status ?? {}) as { reconciliationStatus?: { lastReconciledSpec?: string } };
      return reconciliationStatus?.lastReconciledSpec === undefined ? { not: 'nothing recorded' } : { done: true };
    });
    const change = plane.api.patch(refOf(object), { spec: { mode: 'standalone' } });
    expect(deniedWith(await change.catch((error: unknown) => error))).toBe(
      'spec.mode: "standalone" is not valid, it must stay native; delete the resource and create it again to change it',
    );
    await plane.api.patch(refOf(object), { spec: { job: { state: 'suspended' } } });
  });

  it('is answered by a replica that does not lead, too', async () => {
    await turn(standby, 'Fail');
    const object = sent(aSparkApplication({ spec: { mode: 'client' } }), 'unled');
    expect(await deniedAt(object)).toMatch(/^spec\.mode: "client" is not valid/);
    expect(await plane.api.list(SPARK_APPLICATION_KIND)).toEqual([]);
  });

  it('where the webhook is down, the loop refuses in the very same words', async () => {
    await turn(closed, 'Ignore');
    const reached = badInputs().filter((object) => denied.has(labelOf(object)));
    for (const object of reached) await plane.api.create(object);
    for (const object of reached) {
      const message = await until(`${labelOf(object)} to be refused`, async () => {
        const stored = await plane.api.get(refOf(object));
        const because = stalledBecause(stored);
        return because === undefined ? { not: JSON.stringify(stored.status) } : { done: because };
      });
      expect(message, labelOf(object)).toBe(denied.get(labelOf(object)));
    }
  });

  it('holds nothing up about a resource that is wrong already', async () => {
    await turn(url, 'Fail');
    const wrong = { ...refOf(sent(aFlinkDeployment(), 'flink-0')) };
    const { api } = plane;
    await api.patch(wrong, {
      metadata: { annotations: { a: 'b' }, finalizers: ['example.com/keep', FLINK_FINALIZER] },
    });
    await api.patch(wrong, { metadata: { annotations: { a: null }, finalizers: [FLINK_FINALIZER] } });
    await api.patch(wrong, { status: { error: 'x' } }, 'status');
    await api.patch(wrong, { spec: { serviceAccount: 'other' } });
    const worse = await api.patch(wrong, { spec: { serviceAccount: '' } }).catch((error: unknown) => error);
    expect(deniedWith(worse)).toMatch(
      /spec\.serviceAccount.*spec\.job\.parallelism: -1|spec\.job\.parallelism: -1.*spec\.serviceAccount/,
    );
    await api.delete(wrong);
    await until('it to be gone', async () => {
      const found = await api.get(wrong).catch(() => undefined);
      return found === undefined ? { done: true } : { not: JSON.stringify(found.metadata) };
    });
  });

  it('never asks for what it may not', async () => {
    expect(await account.denied()).toEqual([]);
  });
});
