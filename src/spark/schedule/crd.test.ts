import { expect, it } from 'vitest';
import type { StructuralSchema } from '../../kube/structural-schema.ts';
import { scheduledSparkApplicationCrd } from './crd.ts';

/** The incumbent's fields with their types (Kubeflow Spark Operator 2.5), the template's left out. */
const INCUMBENT = {
  'spec.concurrencyPolicy': 'string',
  'spec.failedRunHistoryLimit': 'integer',
  'spec.schedule': 'string',
  'spec.successfulRunHistoryLimit': 'integer',
  'spec.suspend': 'boolean',
  'spec.template': 'object',
  'spec.template.driver.cores': 'integer',
  'spec.template.sparkConf': 'object',
  'spec.timeZone': 'string',
  'status.lastRun': 'string nullable',
  'status.lastRunName': 'string',
  'status.nextRun': 'string nullable',
  'status.pastFailedRunNames': 'array',
  'status.pastSuccessfulRunNames': 'array',
  'status.reason': 'string',
  'status.scheduleState': 'string',
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

const crd = scheduledSparkApplicationCrd() as unknown as Crd;
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

it('the CRD requires nothing, has no defaults, describes its fields and stays small', () => {
  expect(fields.filter(([, node]) => node.required !== undefined || node.default !== undefined)).toEqual([]);
  expect(fields.filter(([, node]) => typeof node.description !== 'string')).toEqual([]);
  expect(JSON.stringify(crd).length).toBeLessThan(45_000);
});

it('the CRD has the names, columns and approval of the incumbent', () => {
  expect(crd.metadata.annotations).toHaveProperty(['api-approved.kubernetes.io']);
  expect(crd.spec.names).toMatchObject({ plural: 'scheduledsparkapplications', shortNames: ['scheduledsparkapp'] });
  const columns = version.additionalPrinterColumns.filter(({ priority }) => priority === undefined);
  expect(columns.map(({ name }) => name)).toEqual(['Schedule', 'Suspend', 'Last Run', 'Last Run Name', 'Age']);
});
