import { type FlinkConf, optionOf } from './conf/entry.ts';
import { VERTEX_PARALLELISM } from './conf/scheduling.ts';
import { AUTOSCALER_ENABLED, flattenConfiguration } from './configuration.ts';

/** What of a spec an autoscaler changes. */
interface Scaled {
  readonly flinkConfiguration?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A wanted spec with the parallelism that an autoscaler gave the vertices of the running job. The Flink Kubernetes
 * Operator (1.15) writes it into the spec it records, never into the resource, so that its absence there asks for nothing
 * as long as the autoscaler is on. `conf` is what holds for the wanted spec.
 */
export function withScaledVertices<S extends Scaled>(
  wanted: S,
  recorded: Scaled | undefined,
  conf: () => FlinkConf,
): S {
  const overrides = flattenConfiguration(recorded?.flinkConfiguration).get(VERTEX_PARALLELISM);
  if (overrides === undefined || flattenConfiguration(wanted.flinkConfiguration).has(VERTEX_PARALLELISM)) return wanted;
  const on =
    optionOf(conf(), ...AUTOSCALER_ENABLED)
      ?.trim()
      .toLowerCase() === 'true';
  return on
    ? { ...wanted, flinkConfiguration: { ...wanted.flinkConfiguration, [VERTEX_PARALLELISM]: overrides } }
    : wanted;
}
