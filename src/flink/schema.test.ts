import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeIssues } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import type { StructuralSchema } from '../kube/structural-schema.ts';
import { flinkDeploymentCrd } from './crd.ts';
import { parseFlinkDeployment, parseFlinkDeploymentSpec } from './schema.ts';
import { aFlinkDeployment, aFlinkDeploymentSpec } from './testing.ts';
import { validateSpec } from './validate.ts';

function problems(object: unknown): string {
  const parsed = parseFlinkDeployment(object as KubeObject);
  return parsed.ok ? '' : describeIssues(parsed.error);
}

describe('parseFlinkDeployment', () => {
  it('hands on what it was given, unknown fields of a newer CRD included', () => {
    const object = {
      ...aFlinkDeployment({ status: { lifecycleState: 'STABLE', taskManager: { replicas: 2 } } }),
      spec: {
        ...aFlinkDeploymentSpec(),
        brandNew: { a: [1] },
        job: { jarURI: 'local:///a.jar', alsoNew: true },
        flinkConfiguration: { a: { b: [1, 'x', null], c: null }, 'd.e': true },
        podTemplate: { spec: { newPodField: {} } },
      },
    };
    expect(parseFlinkDeployment(object)).toEqual({ ok: true, value: object });
  });

  it('names every field that does not fit, the value and the rule', () => {
    const object = {
      ...aFlinkDeployment(),
      spec: {
        image: 1,
        flinkVersion: 'v9_9',
        mode: 'Native',
        restartNonce: 1.5,
        job: {
          parallelism: '4',
          args: 'a b',
          state: 'paused',
          upgradeMode: 'savepoints',
          allowNonRestoredState: 'yes',
        },
        taskManager: { resource: { cpu: '1' }, resources: { requests: { cpu: 0.5 } } },
        flinkConfiguration: ['a'],
        logConfiguration: { 'log4j-console.properties': 1 },
        ingress: { tls: [{ hosts: 'a' }] },
      },
      status: { lifecycleState: 'GREAT' },
    };
    expect(problems(object).split('; ')).toEqual([
      'spec.image: 1 is not valid, it must be a text, in quotes',
      'spec.flinkVersion: "v9_9" is not valid, it must be one of v1_15, v1_16, v1_17, v1_18, v1_19, v1_20, v2_0, v2_1, v2_2, v2_3, v2_4',
      'spec.flinkConfiguration: ["a"] is not valid, it must be an object',
      'spec.restartNonce: 1.5 is not valid, it must be a whole number',
      'spec.job.parallelism: "4" is not valid, it must be a whole number',
      'spec.job.args: "a b" is not valid, it must be a list',
      'spec.job.state: "paused" is not valid, it must be one of running, suspended',
      'spec.job.upgradeMode: "savepoints" is not valid, it must be one of last-state, savepoint, stateless',
      'spec.job.allowNonRestoredState: "yes" is not valid, it must be true or false',
      'spec.ingress.tls[0].hosts: "a" is not valid, it must be a list',
      'spec.taskManager.resource.cpu: "1" is not valid, it must be a number',
      'spec.taskManager.resources.requests.cpu: 0.5 is not valid, it must be a whole number or a text',
      'spec.logConfiguration["log4j-console.properties"]: 1 is not valid, it must be a text, in quotes',
      'spec.mode: "Native" is not valid, it must be one of native, standalone',
      expect.stringMatching(/^status\.lifecycleState: "GREAT" is not valid, it must be one of CREATED, DELETED/),
    ]);
  });

  it('says so when there is no spec', () => {
    const { spec: _, ...rest } = aFlinkDeployment();
    expect(problems(rest)).toBe('spec: is missing, it must be an object');
    expect(problems({ ...rest, spec: 'x' })).toBe('spec: "x" is not valid, it must be an object');
  });

  it('refuses numbers JSON cannot carry exactly', () => {
    const object = JSON.parse(
      JSON.stringify(aFlinkDeployment()).replace('"image"', '"restartNonce":9007199254740993,"image"'),
    );
    expect(problems(object)).toBe(
      'spec.restartNonce: 9007199254740992 is not valid, it must be a whole number of at most 9007199254740991 in size',
    );
  });

  it('counts a null as absent, as the records of the incumbent have it', () => {
    const spec = {
      ...aFlinkDeploymentSpec(),
      mode: null,
      ingress: null,
      job: { jarURI: 'local:///a.jar', args: null },
    };
    const parsed = parseFlinkDeploymentSpec(spec);
    expect(parsed.ok && parsed.value).toEqual({ ...aFlinkDeploymentSpec(), job: { jarURI: 'local:///a.jar' } });
  });

  it('counts fields that a chart left empty in a pod template as absent', () => {
    const container = { name: 'flink-main-container', env: null, volumeMounts: null, resources: { limits: null } };
    const podTemplate = {
      metadata: { labels: null },
      spec: { volumes: null, affinity: null, containers: [container] },
    };
    const parsed = parseFlinkDeploymentSpec({ ...aFlinkDeploymentSpec(), podTemplate });
    expect(parsed.ok && parsed.value.podTemplate).toEqual({
      metadata: {},
      spec: { containers: [{ name: 'flink-main-container', resources: {} }] },
    });
    expect(parsed.ok && validateSpec('a', parsed.value)).toEqual([]);
  });

  it('leaves incomplete conditions out and keeps the others', () => {
    const whole = {
      type: 'Running',
      status: 'True' as const,
      reason: 'Running',
      message: 'Job is running',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const object = { ...aFlinkDeployment(), status: { conditions: [{ type: 'Odd' }, whole] } };
    const parsed = parseFlinkDeployment(object);
    expect(parsed.ok && parsed.value.status).toEqual({ conditions: [whole] });
  });

  it('refuses hostile nesting instead of running out of stack', () => {
    let deep: unknown = {};
    for (let i = 0; i < 10_000; i++) deep = { deep };
    const object = { ...aFlinkDeployment(), spec: { ...aFlinkDeploymentSpec(), flinkConfiguration: { deep } } };
    expect(problems(object)).toBe('spec: the nesting is not valid, it must be at most 64 levels deep');
  });

  it('never throws, whatever the spec', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, job) => {
        parseFlinkDeploymentSpec(value);
        parseFlinkDeploymentSpec({
          job,
          podTemplate: value,
          flinkConfiguration: value,
          jobManager: job,
          taskManager: value,
        });
      }),
    );
  });
});

interface IncumbentField {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly intOrString?: boolean;
  readonly open?: boolean;
}

function schemaAt(root: StructuralSchema, path: string): StructuralSchema | undefined {
  return path
    .split(/\.|(?=\[\])/)
    .reduce<StructuralSchema | undefined>(
      (node, part) =>
        part === '*' ? node?.additionalProperties : part === '[]' ? node?.items : node?.properties?.[part],
      root,
    );
}

describe('the CRD of FlinkDeployment', () => {
  const text = readFileSync(join(import.meta.dirname, '__golden__/incumbent-fields.json'), 'utf8');
  const incumbent = Object.entries(JSON.parse(text) as Record<string, IncumbentField>);
  const crd = flinkDeploymentCrd() as unknown as {
    spec: { versions: [{ schema: { openAPIV3Schema: StructuralSchema } }] };
  };
  const root = crd.spec.versions[0].schema.openAPIV3Schema;

  it('has every field of the incumbent with the same type and words, and is nowhere narrower', () => {
    const ours = incumbent.map(([path]) => {
      const node = schemaAt(root, path);
      return [
        path,
        {
          ...(node?.type === undefined ? {} : { type: node.type }),
          ...(node?.enum === undefined ? {} : { enum: node.enum }),
          ...(node?.['x-kubernetes-int-or-string'] === true ? { intOrString: true } : {}),
          ...(node?.['x-kubernetes-preserve-unknown-fields'] === true ? { open: true } : {}),
        },
      ];
    });
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(incumbent));
  });

  it('has no default, nothing required, no bounds', () => {
    const keywords = new Set<string>();
    const walk = (node: StructuralSchema): void => {
      for (const key of Object.keys(node)) keywords.add(key);
      for (const child of [...Object.values(node.properties ?? {}), node.items, node.additionalProperties]) {
        if (child !== undefined) walk(child);
      }
    };
    walk(root);
    expect([...keywords].sort()).toEqual([
      'additionalProperties',
      'description',
      'enum',
      'items',
      'properties',
      'type',
      'x-kubernetes-int-or-string',
      'x-kubernetes-preserve-unknown-fields',
    ]);
  });

  it('describes every field of spec and status', () => {
    const bare: string[] = [];
    const walk = (node: StructuralSchema, path: string): void => {
      for (const [name, child] of Object.entries(node.properties ?? {})) {
        if (typeof child.description !== 'string') bare.push(`${path}.${name}`);
        walk(child, `${path}.${name}`);
        if (child.items !== undefined) walk(child.items, `${path}.${name}[]`);
      }
    };
    walk(root, '');
    expect(bare).toEqual([]);
  });

  it('stays small', () => {
    expect(JSON.stringify(crd).length).toBeLessThan(32_768);
  });
});
