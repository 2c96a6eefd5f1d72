import type { SparkApplicationSpec } from './schema.ts';

/** Fields that would add to what runs and that this version does nothing with yet, so that nobody waits for their effect. */
const NOT_APPLIED: readonly (readonly [field: string, asks: (spec: SparkApplicationSpec) => boolean])[] = [
  // The driver makes executor pods with the request as limit, whatever their template says.
  ['spec.executor.memoryLimit', ({ executor }) => executor?.memoryLimit !== undefined],
];

/** The fields a spec sets that nothing is done with. */
export function fieldsNotApplied(spec: SparkApplicationSpec): readonly string[] {
  return NOT_APPLIED.filter(([, asks]) => asks(spec)).map(([field]) => field);
}

/** A sentence about each of them, for who writes the spec. */
export function notAppliedWarnings(spec: SparkApplicationSpec): readonly string[] {
  return fieldsNotApplied(spec).map((field) => `${field}: nothing is done with it by this version`);
}
