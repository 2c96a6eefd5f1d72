import { expect, it } from 'vitest';
import type { StructuralSchema } from '../../kube/structural-schema.ts';
import { flinkStateSnapshotCrd } from './crd.ts';

/** The incumbent's fields with type and words (Flink Kubernetes Operator 1.15). */
const INCUMBENT = {
  'spec.backoffLimit': 'integer',
  'spec.checkpoint': 'object',
  'spec.jobReference': 'object',
  'spec.jobReference.kind': 'string FlinkDeployment FlinkSessionJob',
  'spec.jobReference.name': 'string',
  'spec.savepoint': 'object',
  'spec.savepoint.alreadyExists': 'boolean',
  'spec.savepoint.disposeOnDelete': 'boolean',
  'spec.savepoint.formatType': 'string CANONICAL NATIVE UNKNOWN',
  'spec.savepoint.path': 'string',
  'status.error': 'string',
  'status.failures': 'integer',
  'status.path': 'string',
  'status.resultTimestamp': 'string',
  'status.state': 'string ABANDONED COMPLETED FAILED IN_PROGRESS TRIGGER_PENDING',
  'status.triggerId': 'string',
  'status.triggerTimestamp': 'string',
};

interface Crd {
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

const crd = flinkStateSnapshotCrd() as unknown as Crd;
const [version] = crd.spec.versions;

function fieldsOf(node: StructuralSchema, path: string): (readonly [string, StructuralSchema])[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [[at, child] as const, ...fieldsOf(child, at)];
  });
}

const fields = fieldsOf(version.schema.openAPIV3Schema, '');

it('the CRD has every field of the incumbent with the same type and words', () => {
  const ours = new Map(
    fields.map(([path, { type, enum: words }]) => [path, [type, ...((words as string[] | undefined) ?? [])].join(' ')]),
  );
  const found = Object.keys(INCUMBENT).map((path) => [path, ours.get(path)]);
  expect(Object.fromEntries(found)).toEqual(INCUMBENT);
});

it('the CRD requires nothing, has no defaults and describes every field', () => {
  expect(fields.filter(([, node]) => node.required !== undefined || node.default !== undefined)).toEqual([]);
  expect(fields.filter(([, node]) => typeof node.description !== 'string')).toEqual([]);
});

it('the CRD has the names and columns of the incumbent', () => {
  expect(crd.spec.names).toMatchObject({ plural: 'flinkstatesnapshots', shortNames: ['flinksnp'] });
  const columns = version.additionalPrinterColumns.filter(({ priority }) => priority === undefined);
  expect(columns.map(({ name }) => name)).toEqual(['Path', 'Result Timestamp', 'Snapshot State']);
});
