import type { z } from 'zod';
import { VERSION } from '../lib/version.ts';
import type { KubeObject } from './object.ts';
import { structuralSchema } from './structural-schema.ts';

/** Annotation of a CRD: the version of Weir it belongs to, by which an older one leaves it alone. */
export const CRD_VERSION = 'weir.dev/version';

/** A column of `kubectl get`. `wide` ones are shown with `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly wide?: boolean;
}

/** A namespaced kind with one version and a status, from which its CRD is made. */
export interface CustomResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly columns: readonly PrinterColumn[];
  /** Annotations of the CRD: groups that end in `k8s.io` need `api-approved.kubernetes.io`. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** JSON paths of the scale subresource. */
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
}

/**
 * The CRD in the form the API server returns it (apiextensions/v1): what it fills in is written out, what it drops is
 * left out, so that GitOps tools see no difference. No defaults, and nothing required that the schema does not require.
 */
export function customResource(resource: CustomResource): KubeObject {
  const { group, version, kind, plural } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: { ...resource.annotations, [CRD_VERSION]: VERSION },
    },
    spec: {
      conversion: { strategy: 'None' },
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        shortNames: [...resource.shortNames],
        singular: kind.toLowerCase(),
      },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: resource.columns.map(columnOf),
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: resource.description,
              properties: {
                spec: structuralSchema(resource.spec, 'spec'),
                status: structuralSchema(resource.status, 'status'),
              },
            },
          },
          subresources: { status: {}, ...(resource.scale === undefined ? {} : { scale: resource.scale }) },
        },
      ],
    },
  };
}

/** The API server drops `priority: 0`, so only wide columns have one. */
function columnOf(column: PrinterColumn): Record<string, unknown> {
  const { wide, ...rest } = column;
  return wide === true ? { ...rest, priority: 1 } : rest;
}
