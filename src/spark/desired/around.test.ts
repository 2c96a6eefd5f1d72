import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../../core/testing/merged.ts';
import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
import { type Submission, submissionOf } from '../conf/submission.ts';
import type { SparkApplicationSpec } from '../schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from '../settings.ts';
import { effectiveConf, type SparkConf } from '../spark-conf.ts';
import { aSparkApplication } from '../testing.ts';
import { validateSpec } from '../validate.ts';
import { type DesiredSubmission, desiredSubmission } from './index.ts';

type Spec = DeepPartial<SparkApplicationSpec>;

interface Given {
  readonly spec?: Spec;
  readonly metadata?: DeepPartial<ObjectMeta>;
  readonly settings?: Partial<SparkSettings>;
}

interface Built extends DesiredSubmission {
  readonly conf: SparkConf;
  readonly submission: Submission;
}

function build({ spec = {}, metadata = {}, settings: given = {} }: Given): Built {
  const settings = { ...DEFAULT_SETTINGS, ...given };
  const application = aSparkApplication({ spec, metadata });
  const submission = submissionOf(application.metadata.uid ?? '', 1, Date.parse('2026-02-03T04:05:06Z'));
  expect(validateSpec(application.metadata, application.spec)).toEqual([]);
  const conf = effectiveConf(application, submission, settings);
  return { ...desiredSubmission(application, conf, submission, settings), conf, submission };
}

function namesOf({ around }: DesiredSubmission): string[] {
  return around.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

function hostsAndPaths({ spec }: KubeObject): unknown {
  const { rules } = spec as { rules: { host: string; http: { paths: { path: string }[] } }[] };
  return rules.map(({ host, http }) => [host, ...http.paths.map(({ path }) => path)]);
}

const INGRESS = {
  urlFormat: 'https://spark.example.org/{{$appNamespace}}/{{$appName}}',
  className: 'nginx',
  tls: [{ hosts: ['spark.example.org'], secretName: 'spark-tls' }],
  annotations: { team: 'platform' },
};

const GOLDEN: readonly (readonly [string, Given])[] = [
  ['around-default', {}],
  [
    'around-ui-ingress',
    {
      spec: {
        sparkConf: { 'spark.ui.port': '4041' },
        sparkUIOptions: {
          servicePort: 80,
          servicePortName: 'ui',
          serviceType: 'NodePort',
          serviceLabels: { team: 'orders', 'sparkoperator.k8s.io/app-name': 'other' },
          serviceAnnotations: { note: 'a' },
          ingressAnnotations: { note: 'b' },
          ingressTLS: [{ hosts: ['spark.example.org'], secretName: 'own-tls' }],
        },
      },
      settings: { ingress: INGRESS },
    },
  ],
  [
    'around-ports',
    {
      spec: {
        driverPodDisruptionBudget: true,
        driver: { podName: 'the-driver' },
        driverIngressOptions: [
          { servicePort: 8080, servicePortName: 'rest', ingressURLFormat: '{{$appName}}.example.org' },
          { servicePort: 9090, serviceType: 'LoadBalancer', ingressURLFormat: 'example.org/{{ $appId }}/' },
          { servicePort: 9091 },
        ],
      },
      settings: { uiService: false, ingress: { ...INGRESS, urlFormat: undefined } },
    },
  ],
  [
    'around-exporter',
    {
      spec: {
        monitoring: {
          exposeDriverMetrics: true,
          exposeExecutorMetrics: true,
          prometheus: { jmxExporterJar: '/prometheus/jmx_prometheus_javaagent.jar' },
        },
      },
      settings: { uiService: false },
    },
  ],
];

describe('objects around a driver', () => {
  it.each(GOLDEN)('%s', async (name, given) => {
    const text = build(given)
      .around.map((object) => dump(object, { lineWidth: -1, noRefs: true }))
      .join('---\n');
    await expect(text).toMatchFileSnapshot(`__golden__/${name}.yaml`);
  });

  it.each(GOLDEN)('%s belong to the application, and to no other whatever its labels say', (_name, given) => {
    for (const { metadata } of build(given).around) {
      expect(metadata.namespace).toBe('default');
      expect(metadata.labels?.['sparkoperator.k8s.io/app-name']).toBe('pi');
      expect(metadata.ownerReferences?.map(({ kind, name, controller }) => [kind, name, controller])).toEqual([
        ['SparkApplication', 'pi', true],
      ]);
    }
  });

  it('are none where the operator makes no Services for UIs', () => {
    expect(namesOf(build({ settings: { uiService: false, ingress: INGRESS } }))).toEqual([]);
  });

  it('have names that a Service may have, and that two applications do not share', () => {
    const long = `a${'b'.repeat(62)}`;
    const names = [long, `${long.slice(0, -1)}c`].flatMap((name) =>
      namesOf(build({ metadata: { name }, settings: { ingress: INGRESS } })),
    );
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^\w+ [a-z][a-z0-9-]{0,61}[a-z0-9]$/);
    expect(names[0]).toMatch(/-[0-9a-f]{8}-ui-svc$/);
  });
});

describe('the address of a UI', () => {
  it('has the id of the application, which the driver is told as the path of its links', () => {
    const urlFormat = 'spark.example.org/{{$appId}}';
    const { around, conf, submission } = build({ settings: { ingress: { ...INGRESS, urlFormat } } });
    const path = `/${submission.applicationId}`;
    expect(conf.get('spark.ui.proxyBase')).toMatchObject({ value: path, because: "the path of the UI's Ingress" });
    expect(conf.get('spark.ui.proxyRedirectUri')?.value).toBe('/');
    expect(around.slice(1).map(hostsAndPaths)).toEqual([[['spark.example.org', `${path}(/|$)(.*)`]]]);
  });

  it('leaves links as they are where it has no path, or the user says otherwise', () => {
    const root = build({ settings: { ingress: { ...INGRESS, urlFormat: '{{$appName}}.example.org' } } });
    expect(root.conf.has('spark.ui.proxyBase')).toBe(false);
    expect(root.around[1]?.metadata.annotations).toEqual({ team: 'platform' });
    const sparkConf = { 'spark.ui.proxyBase': '/mine', 'spark.ui.proxyRedirectUri': 'https://a' };
    const own = build({ spec: { sparkConf }, settings: { ingress: INGRESS } });
    expect(own.conf.get('spark.ui.proxyBase')?.value).toBe('/mine');
    expect(own.conf.get('spark.ui.proxyRedirectUri')?.value).toBe('https://a');
  });
});
