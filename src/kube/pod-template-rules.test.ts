import { describe, expect, it } from 'vitest';
import { podTemplateProblems } from './pod-template-rules.ts';

function problems(template: unknown): string[] {
  return podTemplateProblems(template, ['spec', 'podTemplate']).map(({ path, rule }) => `${path}: ${rule}`);
}

describe('podTemplateProblems', () => {
  it('accepts an empty template, a full one and fields it does not know', () => {
    const template = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'ignored', labels: { team: 'a' }, annotations: { x: 'y' } },
      spec: {
        brandNewField: { a: [1] },
        containers: [
          {
            name: 'flink-main-container',
            env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
        volumes: [{ name: 'data', emptyDir: {} }],
      },
    };
    expect(problems({})).toEqual([]);
    expect(problems(template)).toEqual([]);
  });

  it('names everything that is malformed', () => {
    const template = {
      metadata: { labels: { team: 1 }, annotations: [] },
      spec: {
        containers: [
          { image: 'x' },
          { name: 'Not_A_Name' },
          'text',
          { name: 'a', env: [{ value: 'x' }, { name: 'PORT', value: 80 }] },
        ],
        initContainers: {},
        volumes: [{ emptyDir: {} }],
      },
    };
    const name = "be a name of at most 63 lower-case letters, digits and '-'";
    expect(problems(template)).toEqual([
      'spec.podTemplate.metadata.labels.team: be a text, in quotes',
      'spec.podTemplate.metadata.annotations: be a map of texts',
      `spec.podTemplate.spec.containers[0].name: ${name}`,
      `spec.podTemplate.spec.containers[1].name: ${name}`,
      'spec.podTemplate.spec.containers[2]: be an object',
      'spec.podTemplate.spec.containers[3].env[0].name: name an environment variable',
      'spec.podTemplate.spec.containers[3].env[1].value: be a text, in quotes',
      'spec.podTemplate.spec.initContainers: be a list',
      `spec.podTemplate.spec.volumes[0].name: ${name}`,
    ]);
    expect(problems({ spec: [] })).toEqual(['spec.podTemplate.spec: be an object']);
  });

  it('refuses a name used twice', () => {
    expect(problems({ spec: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] } })).toEqual([
      'spec.podTemplate.spec.containers[2].name: be different from the names before it',
    ]);
  });

  it('lets items of an overlay go without names', () => {
    const template = { spec: { containers: [{ env: [{ value: 'x' }] }, {}, { name: 'Not_A_Name' }] } };
    expect(podTemplateProblems(template, ['t'], 'overlay').map(({ path }) => path)).toEqual([
      't.spec.containers[2].name',
    ]);
  });
});
