import type { Engine } from '../config.ts';
import { flinkCrds } from '../flink/crds.ts';
import type { KubeObject } from '../kube/object.ts';
import { sparkCrds } from '../spark/crds.ts';

const CRDS: Readonly<Record<Engine, () => readonly KubeObject[]>> = { flink: flinkCrds, spark: sparkCrds };

/** The CRDs of all kinds of these engines. */
export function crdsOf(engines: readonly Engine[]): readonly KubeObject[] {
  return engines.flatMap((engine) => CRDS[engine]());
}
