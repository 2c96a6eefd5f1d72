import { ENGINES } from '../../config.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { StructuralSchema } from '../../kube/structural-schema.ts';
import { unknownFields } from '../../kube/unknown-fields.ts';
import { crdsOf } from '../crds.ts';

/** One sentence for each field of a manifest that its kind does not have, such as a misspelt or a misplaced one. */
export function fieldWarnings(wanted: KubeObject): readonly string[] {
  const schema = schemaOf(wanted.kind);
  if (schema === undefined) return [];
  const { apiVersion: _apiVersion, kind, metadata: _metadata, ...rest } = wanted;
  return unknownFields(schema, rest).map(
    (field) => `${field}: is no field of ${kind}; kubectl refuses it, where it is let through the API server drops it`,
  );
}

function schemaOf(kind: string): StructuralSchema | undefined {
  const specs = crdsOf(ENGINES).map(({ spec }) => spec as CrdSpec);
  return specs.find(({ names }) => names.kind === kind)?.versions[0]?.schema.openAPIV3Schema;
}

/** What is read of a CRD. */
interface CrdSpec {
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: StructuralSchema } }[];
}
