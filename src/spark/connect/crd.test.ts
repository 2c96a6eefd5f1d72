import { expect, it } from 'vitest';
import type { StructuralSchema } from '../../kube/structural-schema.ts';
import { sparkConnectCrd } from './crd.ts';

/** The incumbent's fields with their types (Kubeflow Spark Operator 2.5; restartPolicy and serviceAccount are newer). */
const INCUMBENT = {
  'spec.dynamicAllocation.enabled': 'boolean',
  'spec.executor.cores': 'integer',
  'spec.executor.instances': 'integer',
  'spec.executor.memory': 'string',
  'spec.executor.template': 'object',
  'spec.hadoopConf': 'object',
  'spec.image': 'string',
  'spec.restartPolicy.onFailureRetries': 'integer',
  'spec.restartPolicy.onFailureRetryInterval': 'integer',
  'spec.restartPolicy.restartPolicyType': 'string',
  'spec.server.cores': 'integer',
  'spec.server.memory': 'string',
  'spec.server.service': 'object',
  'spec.server.serviceAccount': 'string',
  'spec.server.template': 'object',
  'spec.sparkConf': 'object',
  'spec.sparkVersion': 'string',
  'status.conditions': 'array',
  'status.executors': 'object',
  'status.lastUpdateTime': 'string nullable',
  'status.server.podIp': 'string',
  'status.server.podName': 'string',
  'status.server.serviceName': 'string',
  'status.startTime': 'string nullable',
  'status.state': 'string',
};

interface Crd {
  readonly metadata: { readonly annotations: object };
  readonly spec: {
    readonly names: object;
    readonly versions: readonly [
      {
        readonly name: string;
        readonly additionalPrinterColumns: readonly { readonly name: string; readonly priority?: number }[];
        readonly schema: { readonly openAPIV3Schema: StructuralSchema };
      },
    ];
  };
}

const crd = sparkConnectCrd() as unknown as Crd;
const [version] = crd.spec.versions;

function fieldsOf(node: StructuralSchema, path: string): (readonly [string, StructuralSchema])[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [[at, child] as const, ...fieldsOf(child, at)];
  });
}

const fields = fieldsOf(version.schema.openAPIV3Schema, '');

it('the CRD has every field of the incumbent with the same type', () => {
  const ours = new Map(
    fields.map(([path, node]) => [path, `${node.type}${node.nullable === true ? ' nullable' : ''}`]),
  );
  const found = Object.keys(INCUMBENT).map((path) => [path, ours.get(path)]);
  expect(Object.fromEntries(found)).toEqual(INCUMBENT);
});

it('the CRD requires nothing, has no defaults and describes its fields', () => {
  expect(fields.filter(([, node]) => node.required !== undefined || node.default !== undefined)).toEqual([]);
  expect(fields.filter(([, node]) => typeof node.description !== 'string')).toEqual([]);
});

it('the CRD has the names, columns and approval of the incumbent', () => {
  expect(version.name).toBe('v1alpha1');
  expect(crd.metadata.annotations).toHaveProperty(['api-approved.kubernetes.io']);
  expect(crd.spec.names).toMatchObject({ plural: 'sparkconnects', shortNames: ['sparkconn'] });
  const columns = version.additionalPrinterColumns.filter(({ priority }) => priority === undefined);
  expect(columns.map(({ name }) => name)).toEqual(['Age', 'Status', 'PodName']);
});
