import { describe, expect, it } from 'vitest';
import { incumbentOf, migrateValues } from './migrate.ts';

describe('values of the Flink Kubernetes Operator', () => {
  const values = {
    watchNamespaces: ['shop'],
    image: { repository: 'registry.example.org/flink-operator', tag: '1.15.0' },
    replicas: 1,
    strategy: { type: 'Recreate' },
    rbac: {
      create: true,
      nodesRule: { create: false },
      operatorRole: { create: true, name: 'data-flink-operator' },
      operatorRoleBinding: { create: true, name: 'flink-operator-role-binding' },
      jobRole: { create: true, name: 'flink' },
    },
    operatorPod: { env: [{ name: 'A', value: 'b' }], nodeSelector: { pool: 'ops' }, webhook: { resources: 1 } },
    jobServiceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn' } },
    defaultConfiguration: { append: true, 'flink-conf.yaml': 'a: b\n', 'log4j-console.properties': 'x' },
    operatorHealth: { port: 8085, startupProbe: { periodSeconds: 10 } },
    jvmArgs: { operator: '-Xmx1g' },
    webhook: { create: false, keystore: { useDefaultPassword: true } },
    unheardOf: { a: 1 },
  };

  it('are kept where they mean the same, and named where they do not', () => {
    const { values: migrated, dropped, defaults } = migrateValues('flink', values);
    expect(migrated).toEqual({
      spark: { enabled: false },
      watchNamespaces: ['shop'],
      replicas: 1,
      strategy: { type: 'Recreate' },
      rbac: {
        create: true,
        operatorRole: { readNodes: false, create: true },
        operatorRoleBinding: { create: true },
        jobRole: { create: true, name: 'flink' },
      },
      operatorPod: { env: [{ name: 'A', value: 'b' }], nodeSelector: { pool: 'ops' } },
      jobServiceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn' } },
      defaultConfiguration: { 'flink-conf.yaml': 'a: b\n' },
      operatorHealth: { port: 8085 },
      webhook: { create: false },
    });
    expect(dropped.map((line) => line.split(': ')[0])).toEqual([
      'image.repository',
      'rbac.operatorRole.name',
      'operatorPod.webhook.resources',
      'defaultConfiguration.log4j-console.properties',
      'jvmArgs.operator',
      'unheardOf.a',
    ]);
    expect(dropped).toContain('jvmArgs.operator: Weir is no JVM');
    // The tag, a name and a switch that the chart has anyway, how often is probed, and the keystore's password.
    expect(defaults).toBe(5);
    expect(incumbentOf(values)).toBe('flink');
  });
});

describe('values of the Kubeflow Spark Operator', () => {
  const values = {
    hook: { upgradeCrd: true },
    controller: {
      replicas: 3,
      workers: 20,
      logLevel: 'panic',
      leaderElection: { enable: true },
      uiIngress: { enable: true, urlFormat: '{{$appName}}.example.org' },
      batchScheduler: { enable: true, default: 'volcano' },
      nodeSelector: { pool: 'ops' },
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'certs', secret: { secretName: 'c' } },
      ],
      kubeAPIQPS: 50,
    },
    webhook: { enable: true, failurePolicy: 'Fail', replicas: 2 },
    spark: { jobNamespaces: [''], serviceAccount: { name: 'spark-operator-spark' }, rbac: { create: true } },
    prometheus: {
      metrics: { labels: 'app_type, team', jobStartLatencyBuckets: '30,60' },
      podMonitor: { create: true, labels: { release: 'p' } },
    },
  };

  it('are moved to where Weir has them', () => {
    const { values: migrated, dropped } = migrateValues('spark', values);
    expect(migrated).toEqual({
      flink: { enabled: false },
      crds: { upgrade: true },
      replicas: 3,
      workers: 20,
      leaderElection: { enabled: true },
      spark: {
        uiIngress: { urlFormat: '{{$appName}}.example.org' },
        batchScheduler: { enable: true, default: 'volcano' },
        serviceAccount: { name: 'spark-operator-spark' },
        role: { create: true },
        metrics: { labels: ['app_type', 'team'], startLatencyBuckets: [30, 60] },
      },
      operatorPod: { nodeSelector: { pool: 'ops' } },
      operatorVolumes: { create: true, data: [{ name: 'certs', secret: { secretName: 'c' } }] },
      webhook: { create: true, failurePolicy: 'Fail' },
      watchNamespaces: [],
      metrics: { podMonitor: { enabled: true, labels: { release: 'p' } } },
    });
    expect(dropped.map((line) => line.split(': ')[0])).toEqual([
      'controller.uiIngress.enable',
      'controller.kubeAPIQPS',
      'webhook.replicas',
    ]);
    expect(incumbentOf(values)).toBe('spark');
  });

  it('select namespaces by their labels, and not beside a list', () => {
    const selected = (spark: object) => migrateValues('spark', { spark });
    const { values: migrated, dropped } = selected({
      jobNamespaces: ['a', 'b'],
      jobNamespaceSelector: 'team=data,!old',
    });
    expect(migrated).toEqual({
      flink: { enabled: false },
      watchNamespaceSelector: {
        matchExpressions: [
          { key: 'team', operator: 'In', values: ['data'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      },
    });
    expect(dropped).toEqual(['spark.jobNamespaces: the selector stands alone, give a, b labels that it takes']);
    const without = selected({ jobNamespaces: ['a'], jobNamespaceSelector: '' });
    expect(without).toMatchObject({ values: { flink: { enabled: false }, watchNamespaces: ['a'] }, dropped: [] });
    expect(selected({ jobNamespaceSelector: 'a in b' }).values).toHaveProperty('watchNamespaceSelector', 'a in b');
  });

  it.each([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [[''], []],
    [['a', ''], []],
  ])('look after the namespaces %j as before', (jobNamespaces, watchNamespaces) => {
    expect(migrateValues('spark', { spark: { jobNamespaces } }).values).toMatchObject({ watchNamespaces });
  });

  it('mean what their feature gates and switches say', () => {
    const controller = {
      featureGates: [
        { name: 'PartialRestart', enabled: true },
        { name: 'LoadSparkDefaults', enabled: true },
        { name: 'RestSubmitter', enabled: false },
      ],
      uiIngress: { enable: false, urlFormat: '{{$appName}}.example.org', annotations: { a: 'b' } },
      driverPodDisruptionBudget: { enable: true },
    };
    const webhook = { resourceQuotaEnforcement: { enable: true } };
    const { values: migrated, dropped } = migrateValues('spark', { controller, webhook });
    expect(migrated).toEqual({
      flink: { enabled: false },
      spark: { partialRestart: true },
      watchNamespaces: ['default'],
    });
    expect(dropped).toEqual([
      'controller.featureGates.LoadSparkDefaults: spark.defaults has what spark-defaults.conf of the old image said',
      'controller.driverPodDisruptionBudget.enable: Weir always heeds spec.driverPodDisruptionBudget',
      'webhook.resourceQuotaEnforcement.enable: the annotation weir.dev/capacity-gate has an application wait for its quota',
    ]);
  });

  it('are not guessed where they could be of either chart', () => {
    expect(incumbentOf({ nameOverride: 'a', image: {} })).toBeUndefined();
  });
});
