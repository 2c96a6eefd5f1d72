import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE } from '../bench/api.ts';
import { type ControlPlane, startControlPlane } from '../bench/control-plane.ts';
import { flinkApplication, flinkRef } from '../bench/objects.ts';
import { type OperatorProcess, startOperator } from '../bench/operator-process.ts';
import { FLINK_FINALIZER } from '../src/flink/situation.ts';
import type { KubeObject } from '../src/kube/object.ts';
import { certificateAccess, operatorAccess, SCOPE_ACCESS } from '../src/operator-access.ts';
import { NAMESPACE_KIND } from '../src/runtime/watched-namespaces.ts';
import { SPARK_APPLICATION_KIND } from '../src/spark/schema.ts';
import { aSparkApplication } from '../src/spark/testing.ts';
import { freePorts } from './cluster/ports.ts';
import { createOperatorAccount, type OperatorAccount, operatorUser } from './kit/operator-account.ts';
import { until } from './kit/until.ts';
import { deniedWith, webhookConfiguration } from './kit/webhook.ts';

const ALWAYS = 'always-watched';
const CONFIGURATION = 'weir-scope';
const LABEL = 'weir.dev/watched';

describe('namespaces taken by their labels, on an API server', () => {
  let plane: ControlPlane;
  let account: OperatorAccount;
  let operator: OperatorProcess | undefined;

  beforeAll(async () => {
    plane = await startControlPlane(['garbage-collector-controller'], { auditedUser: operatorUser(NAMESPACE) });
    const { own, cluster } = certificateAccess({ secret: 'weir-webhook', configuration: CONFIGURATION });
    account = await createOperatorAccount(plane, [...operatorAccess(), ...SCOPE_ACCESS, ...own, ...cluster]);
    const labels = { [LABEL]: 'true' };
    await plane.api.create({ ...NAMESPACE_KIND, metadata: { name: ALWAYS, labels } });
    await plane.api.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'weir-webhook', namespace: ALWAYS } });
    const [port = 0] = await freePorts(1);
    const url = `https://127.0.0.1:${port}/validate`;
    const { webhooks, ...configuration } = webhookConfiguration(CONFIGURATION, { 'scope.weir.dev': url }, 'Fail');
    const namespaceSelector = { matchLabels: labels };
    await plane.api.create({
      ...configuration,
      webhooks: webhooks.map((webhook) => ({ ...webhook, namespaceSelector })),
    } as KubeObject);
    const flags = {
      'watch-namespace-selector': `${LABEL}=true`,
      'lease-namespace': ALWAYS,
      'webhook-port': String(port),
      'webhook-hosts': '127.0.0.1',
      'webhook-configuration': CONFIGURATION,
    };
    operator = await startOperator({ kubeconfigPath: account.kubeconfigPath, flags });
  }, 900_000);
  afterAll(async () => {
    await operator?.stop();
    await plane?.stop();
  });

  const label = (value: 'true' | null): Promise<KubeObject> =>
    plane.api.patch({ ...NAMESPACE_KIND, name: NAMESPACE }, { metadata: { labels: { [LABEL]: value } } });

  const orders = (): Promise<KubeObject | undefined> =>
    plane.api.get(flinkRef('orders')).catch((error: unknown) => {
      if (String(error).includes('NotFound')) return undefined;
      throw error;
    });

  let marks = 0;

  /** Returns when the operator has acted on something that came after whatever was done before. */
  async function acted(): Promise<void> {
    const ref = { ...SPARK_APPLICATION_KIND, namespace: ALWAYS, name: `mark-${++marks}` };
    const { spec } = aSparkApplication();
    await plane.api.create({ ...SPARK_APPLICATION_KIND, metadata: { name: ref.name, namespace: ALWAYS }, spec });
    await until('an application of another namespace to be taken up', async () => {
      const { status } = await plane.api.get(ref);
      return status === undefined ? { not: 'no status yet' } : { done: true };
    });
  }

  it('leaves alone what is in no such namespace, and lets it pass admission', async () => {
    const { spec } = flinkApplication('bad', 8081);
    const bad = { ...flinkApplication('bad', 8081), spec: { ...spec, job: { ...spec.job, parallelism: -1 } } };
    await plane.api.create(bad as KubeObject);
    await plane.api.create(flinkApplication('orders', 8081));
    await acted();
    for (const name of ['bad', 'orders']) {
      const { metadata, status } = await plane.api.get(flinkRef(name));
      expect([metadata.finalizers, status]).toEqual([undefined, undefined]);
    }
  });

  it('takes it up at once when the namespace gets the label, and judges what is applied from then on', async () => {
    await label('true');
    await until('orders to be taken up', async () => {
      const found = await orders();
      return found?.metadata.finalizers?.includes(FLINK_FINALIZER) ? { done: true } : { not: JSON.stringify(found) };
    });
    const { spec } = flinkApplication('worse', 8081);
    const worse = { ...flinkApplication('worse', 8081), spec: { ...spec, job: { ...spec.job, parallelism: -1 } } };
    const said = await until('the webhook to be asked', async () => {
      const denied = await plane.api.tryCreate(worse as KubeObject).then(
        () => undefined,
        (error: unknown) => deniedWith(error),
      );
      return denied === undefined ? { not: 'taken' } : { done: denied };
    });
    expect(said).toContain('spec.job.parallelism');
  });

  it('does nothing more when the label goes, not even for a deletion, and goes on when it is back', async () => {
    await label(null);
    await acted(); // so that a pass under way has ended
    const before = await orders();
    await plane.api.delete(flinkRef('orders'));
    await acted();
    const after = await orders();
    expect(after?.metadata.deletionTimestamp).toBeDefined();
    expect(after?.metadata.finalizers).toEqual(before?.metadata.finalizers);
    expect(after?.status).toEqual(before?.status);
    await label('true');
    await until(
      'orders to be gone',
      async () => {
        const found = await orders();
        return found === undefined ? { done: true } : { not: JSON.stringify(found.status) };
      },
      { timeoutMs: 60_000 },
    );
  });

  it('takes no more than the rights it is granted for that', async () => {
    expect(await account.denied()).toEqual([]);
  });
});
