import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admissionsOf } from '../../src/operator-webhook.ts';
import { webhookRules } from '../../src/webhook/configuration.ts';
import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { createAuthority } from '../cluster/pki/certificates.ts';
import { programs } from '../cluster/programs.ts';
import { tryRun } from '../lib/run.ts';
import { type Helm, openHelm, type Rendered } from './helm.ts';

/** A ValidatingWebhookConfiguration as rendered. */
interface Configuration extends Rendered {
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: { readonly service: object; readonly caBundle?: string };
    readonly rules: readonly object[];
    readonly namespaceSelector?: object;
    readonly failurePolicy: string;
    readonly timeoutSeconds: number;
  }[];
}

const NAME = 'release-weir-webhook';
const ADDRESS = `${NAME}.ops.svc`;

describe('webhook of the chart', () => {
  let helm: Helm;
  beforeAll(async () => {
    helm = await openHelm();
  }, 900_000);

  const of = (objects: readonly Rendered[], kind: string, name: string): Rendered | undefined =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const configurationOf = (objects: readonly Rendered[]): Configuration =>
    of(objects, 'ValidatingWebhookConfiguration', `${NAME}.ops`) as Configuration;
  const argsOf = (objects: readonly Rendered[]): readonly string[] =>
    of(objects, 'Deployment', 'release-weir')?.spec.template.spec.containers[0].args;

  it('is there by default, and needs nobody for its certificates', async () => {
    const objects = await helm.render();
    expect(argsOf(objects)).toEqual(
      expect.arrayContaining([
        '--webhook-port=9443',
        `--webhook-hosts=${ADDRESS}`,
        `--webhook-secret=${NAME}`,
        `--webhook-configuration=${NAME}.ops`,
      ]),
    );
    expect(of(objects, 'Secret', NAME)?.data).toBeUndefined();
    const service = of(objects, 'Service', NAME)?.spec;
    expect(service.ports).toEqual([{ name: 'webhook', port: 443, targetPort: 'webhook' }]);
    const { webhooks } = configurationOf(objects);
    expect(webhooks.map(({ name, failurePolicy, timeoutSeconds }) => [name, failurePolicy, timeoutSeconds])).toEqual([
      ['flink.admission.weir.dev', 'Ignore', 5],
      ['spark.admission.weir.dev', 'Ignore', 5],
    ]);
    for (const { clientConfig, namespaceSelector } of webhooks) {
      expect(clientConfig).toEqual({ service: { name: NAME, namespace: 'ops', path: '/validate', port: 443 } });
      expect(namespaceSelector).toBeUndefined();
    }
  });

  it('is asked about every kind whose rules there are, and no other', async () => {
    const { webhooks } = configurationOf(await helm.render());
    expect(webhooks.flatMap(({ rules }) => rules)).toEqual(webhookRules(admissionsOf()));
    const flink = configurationOf(await helm.render({ spark: { enabled: false } }));
    expect(flink.webhooks.flatMap(({ rules }) => rules)).toEqual(webhookRules(admissionsOf(['flink'])));
  });

  it('may read and change its own Secret and configuration, and no other', async () => {
    const rules = (await helm.render()).flatMap((object) => object.rules ?? []);
    const own = rules.filter(({ resources }) => /secrets|webhook/.test(resources.join()));
    expect(own).toEqual([
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['validatingwebhookconfigurations'],
        resourceNames: [`${NAME}.ops`],
        verbs: ['get', 'patch'],
      },
      { apiGroups: [''], resources: ['secrets'], resourceNames: [NAME], verbs: ['get', 'patch'] },
    ]);
  });

  it('is left out where namespaces are listed, unless it is asked for', async () => {
    const watchNamespaces = ['team-a', 'team-b'];
    const without = await helm.render({ watchNamespaces });
    expect(configurationOf(without)).toBeUndefined();
    expect(of(without, 'Service', NAME)).toBeUndefined();
    expect(argsOf(without).join()).not.toContain('webhook');
    const { webhooks } = configurationOf(await helm.render({ watchNamespaces, webhook: { create: true } }));
    for (const { namespaceSelector } of webhooks) {
      expect(namespaceSelector).toEqual({
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: watchNamespaces }],
      });
    }
  });

  it('is asked about the very namespaces that a selector takes', async () => {
    const watchNamespaceSelector = {
      matchLabels: { 'weir.dev/watched': 'true' },
      matchExpressions: [{ key: 'team', operator: 'Exists' }],
    };
    const { webhooks } = configurationOf(await helm.render({ watchNamespaceSelector }));
    for (const { namespaceSelector } of webhooks) expect(namespaceSelector).toEqual(watchNamespaceSelector);
  });

  it('is left out where it is not wanted', async () => {
    const objects = await helm.render({ webhook: { create: false } });
    expect(configurationOf(objects)).toBeUndefined();
    expect(objects.filter(({ metadata }) => metadata.name.includes('webhook'))).toEqual([]);
  });

  it('may be kept to the API servers by a NetworkPolicy', async () => {
    const webhookFrom = [{ ipBlock: { cidr: '10.0.0.0/28' } }];
    const ingressOf = (objects: readonly Rendered[]): unknown =>
      of(objects, 'NetworkPolicy', 'release-weir')?.spec.ingress;
    const port = { ports: [{ port: 'webhook', protocol: 'TCP' }] };
    expect(ingressOf(await helm.render({ networkPolicy: { enabled: true } }))).toContainEqual(port);
    const kept = await helm.render({ networkPolicy: { enabled: true, webhookFrom } });
    expect(ingressOf(kept)).toContainEqual({ ...port, from: webhookFrom });
    const without = await helm.render({ networkPolicy: { enabled: true }, webhook: { create: false } });
    expect(ingressOf(without)).toHaveLength(1);
  });

  it('takes certificates of cert-manager, and no right then', async () => {
    const objects = await helm.render({ webhook: { certManager: { enabled: true } } });
    expect(configurationOf(objects).metadata.annotations).toEqual({
      'cert-manager.io/inject-ca-from': `ops/${NAME}-cert`,
    });
    expect(of(objects, 'Certificate', `${NAME}-cert`)?.spec).toMatchObject({
      secretName: `${NAME}-cert`,
      dnsNames: [ADDRESS],
      issuerRef: { kind: 'Issuer', name: NAME },
    });
    expect(of(objects, 'Issuer', NAME)?.spec).toEqual({ selfSigned: {} });
    expect(argsOf(objects)).toContain('--webhook-cert-dir=/etc/weir/webhook');
    expect(of(objects, 'Secret', NAME)).toBeUndefined();
    expect(of(objects, 'ClusterRole', `${NAME}.ops`)).toBeUndefined();
    const issuerRef = { name: 'company', kind: 'ClusterIssuer' };
    const others = await helm.render({ webhook: { certManager: { enabled: true, issuerRef } } });
    expect(of(others, 'Issuer', NAME)).toBeUndefined();
    expect(of(others, 'Certificate', `${NAME}-cert`)?.spec.issuerRef).toEqual(issuerRef);
  });

  it('takes certificates that somebody else keeps', async () => {
    const webhook = { failurePolicy: 'Fail', certSecret: { name: 'ours', caBundle: 'QUJD' } };
    const objects = await helm.render({ webhook });
    const pod = of(objects, 'Deployment', 'release-weir')?.spec.template.spec;
    expect(pod.volumes).toContainEqual({ name: 'webhook-cert', secret: { secretName: 'ours' } });
    for (const { clientConfig, failurePolicy } of configurationOf(objects).webhooks) {
      expect([clientConfig.caBundle, failurePolicy]).toEqual(['QUJD', 'Fail']);
    }
  });

  it('takes certificates of one maker', async () => {
    const certManager = { enabled: true };
    const refusal = (webhook: object): Promise<string> => helm.refusal({ webhook });
    expect(await refusal({ certManager, certSecret: { name: 'ours' } })).toContain(
      'certificates come from one of the two',
    );
    expect(await refusal({ certSecret: { caBundle: 'QUJD' } })).toContain('caBundle needs webhook.certSecret.name');
  });

  describe('on an API server', () => {
    let server: ApiServer;
    let kubectl = '';
    beforeAll(async () => {
      [server, { kubectl }] = await Promise.all([startApiServer(), programs(['kubectl'])]);
      await kube(['create', 'namespace', 'ops']);
      await kube(['apply', '-f', '-'], (await helm.render()).filter(isOfWebhook));
    }, 900_000);
    afterAll(() => server?.stop());

    const isOfWebhook = ({ metadata }: Rendered): boolean => metadata.name.startsWith(NAME);

    async function kube(args: readonly string[], objects: readonly object[] = []): Promise<string> {
      const input = { apiVersion: 'v1', kind: 'List', items: objects };
      const all = ['--kubeconfig', server.kubeconfigPath, ...args];
      const { code, stdout, stderr } = await tryRun(kubectl, all, { input: JSON.stringify(input) });
      return code === 0 ? stdout : stderr;
    }

    const asOperator = ['--as', 'system:serviceaccount:ops:release-weir', '-n', 'ops'];

    it('has the rights the operator needs to keep its certificates, and none beyond', async () => {
      const change = ['--type=merge', '-p', JSON.stringify({ data: { 'tls.key': 'QUJD' } })];
      expect(await kube(['patch', 'secret', NAME, ...change, ...asOperator])).toContain('patched');
      expect(await kube(['get', 'secret', NAME, ...asOperator])).toContain(NAME);
      const { certificate } = await createAuthority('test');
      const webhooks = ['flink', 'spark'].map((engine) => ({
        name: `${engine}.admission.weir.dev`,
        clientConfig: { caBundle: Buffer.from(certificate).toString('base64') },
      }));
      const kind = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' };
      const trust = [{ ...kind, metadata: { name: `${NAME}.ops` }, webhooks }];
      const apply = [
        'apply',
        '--server-side',
        '--field-manager=weir-webhook',
        '--validate=false',
        '-f',
        '-',
        ...asOperator,
      ];
      expect(await kube(apply, trust)).toContain('serverside-applied');
      await kube(['create', 'secret', 'generic', 'other', '-n', 'ops']);
      expect(await kube(['get', 'secret', 'other', ...asOperator])).toContain('forbidden');
      expect(await kube(['get', 'secrets', ...asOperator])).toContain('forbidden');
      expect(await kube(['get', 'validatingwebhookconfigurations', ...asOperator])).toContain('forbidden');
    });

    it('keeps what the operator wrote when the chart is applied again', async () => {
      expect(await kube(['apply', '-f', '-'], (await helm.render()).filter(isOfWebhook))).not.toMatch(
        /error|configured/,
      );
      expect(await kube(['get', 'secret', NAME, '-n', 'ops', '-o', 'jsonpath={.data.tls\\.key}'])).toBe('QUJD');
      const bundle = 'jsonpath={.webhooks[0].clientConfig.caBundle}';
      expect(await kube(['get', 'validatingwebhookconfiguration', `${NAME}.ops`, '-o', bundle])).not.toBe('');
    });
  });
});
