import { describe, expect, it } from 'vitest';
import { describeIssues } from '../core/issue.ts';
import type { StructuralSchema } from '../kube/structural-schema.ts';
import { sparkApplicationCrd } from './crd.ts';
import { parseSparkApplicationSpec } from './schema.ts';
import { aSparkApplication } from './testing.ts';
import { validateSpec } from './validate.ts';

interface Version {
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
  readonly additionalPrinterColumns: readonly { readonly name: string; readonly priority?: number }[];
}

function versionOf(): Version {
  const [version] = (sparkApplicationCrd().spec as { versions: Version[] }).versions;
  if (version === undefined) throw new Error('the CRD has no version');
  return version;
}

/** Every keyword below a schema with the path where it stands. */
function keywords(node: StructuralSchema, path = ''): string[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'properties') {
      return Object.entries(value as Record<string, StructuralSchema>).flatMap(([name, item]) =>
        keywords(item, `${path}.${name}`),
      );
    }
    if (key === 'items' || key === 'additionalProperties') return keywords(value as StructuralSchema, `${path}[]`);
    return [`${path} ${key}`];
  });
}

describe('parseSparkApplicationSpec', () => {
  it('hands on what it was given, unknown fields of a newer CRD included', () => {
    const { spec } = aSparkApplication();
    const given = {
      ...spec,
      brandNew: { a: [1] },
      driver: { ...spec.driver, alsoNew: true, template: { spec: { newPodField: {} } } },
      volumes: [{ name: 'v', newVolumeType: {} }],
    };
    expect(parseSparkApplicationSpec(given)).toEqual({ ok: true, value: given });
  });

  it('counts nulls as absent', () => {
    const { spec } = aSparkApplication();
    expect(parseSparkApplicationSpec({ ...spec, deps: null })).toEqual({ ok: true, value: spec });
    const empty = { metadata: { labels: null }, spec: { volumes: null, containers: [{ name: 'a', env: null }] } };
    const template = { metadata: {}, spec: { containers: [{ name: 'a' }] } };
    const parsed = parseSparkApplicationSpec({ ...spec, executor: { ...spec.executor, template: empty } });
    expect(parsed).toEqual({ ok: true, value: { ...spec, executor: { ...spec.executor, template } } });
    expect(parsed.ok && validateSpec({ name: 'a' }, parsed.value)).toEqual([]);
  });

  it('names every field that does not fit, the value and the rule', () => {
    const parsed = parseSparkApplicationSpec({
      type: 'Go',
      mode: 'local',
      sparkVersion: 4,
      arguments: 'a b',
      sparkConf: { 'spark.ui.port': 4041 },
      volumes: [1],
      driver: { cores: 1.5, affinity: 'none' },
      restartPolicy: { type: 'Sometimes' },
    });
    expect(parsed.ok ? [] : describeIssues(parsed.error).split('; ')).toEqual([
      'spec.type: "Go" is not valid, it must be one of Java, Python, Scala, R',
      'spec.sparkVersion: 4 is not valid, it must be a text, in quotes',
      'spec.mode: "local" is not valid, it must be one of cluster, client',
      'spec.arguments: "a b" is not valid, it must be a list',
      'spec.sparkConf["spark.ui.port"]: 4041 is not valid, it must be a text, in quotes',
      'spec.volumes[0]: 1 is not valid, it must be an object like a Volume',
      'spec.driver.cores: 1.5 is not valid, it must be a whole number',
      'spec.driver.affinity: "none" is not valid, it must be an object like an Affinity',
      'spec.restartPolicy.type: "Sometimes" is not valid, it must be one of Never, Always, OnFailure',
    ]);
  });

  it('shows what a restart policy looks like where it is a word', () => {
    const parsed = parseSparkApplicationSpec({ restartPolicy: 'Always' });
    expect(parsed.ok ? '' : describeIssues(parsed.error)).toBe(
      'spec.restartPolicy: "Always" is not valid, it must be an object with a type, such as {type: OnFailure}',
    );
  });

  it('refuses a spec that is missing or nested without end', () => {
    const missing = parseSparkApplicationSpec(undefined);
    expect(missing.ok ? '' : describeIssues(missing.error)).toBe('spec: is missing, it must be an object');
    const deep = JSON.parse(`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`);
    const nested = parseSparkApplicationSpec({ driver: { template: deep } });
    expect(nested.ok ? '' : describeIssues(nested.error)).toBe(
      'spec: the nesting is not valid, it must be at most 64 levels deep',
    );
  });
});

describe('the CRD', () => {
  it('has the names, columns and approval of the incumbent', () => {
    const crd = sparkApplicationCrd();
    expect(crd.metadata).toMatchObject({
      name: 'sparkapplications.sparkoperator.k8s.io',
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubeflow/spark-operator/pull/1298' },
    });
    expect((crd.spec as { names: unknown }).names).toEqual({
      kind: 'SparkApplication',
      listKind: 'SparkApplicationList',
      plural: 'sparkapplications',
      singular: 'sparkapplication',
      shortNames: ['sparkapp'],
    });
    const narrow = versionOf().additionalPrinterColumns.filter(({ priority }) => priority === undefined);
    expect(narrow.map(({ name }) => name)).toEqual(['Suspend', 'Status', 'Attempts', 'Start', 'Finish', 'Age']);
  });

  it('requires nothing, has no defaults and fits where the incumbent does not', () => {
    const found = keywords(versionOf().schema.openAPIV3Schema);
    expect(found.filter((keyword) => /(required|default|minimum|maximum)$/.test(keyword))).toEqual([]);
    expect(JSON.stringify(sparkApplicationCrd()).length).toBeLessThan(40_000);
  });

  it('lets times be null, as the incumbent stores them', () => {
    const found = keywords(versionOf().schema.openAPIV3Schema).filter((keyword) => keyword.endsWith(' nullable'));
    expect(found).toEqual(['.status.lastSubmissionAttemptTime nullable', '.status.terminationTime nullable']);
  });
});
