import * as z from 'zod';
import { trueOrFalse, wholeNumber } from './config-values.ts';

/** Which metrics of resources there are, and how many series of them. */
export interface MetricsConfig {
  /** Whether resources have metrics under the names of the incumbents too. */
  readonly incumbents: boolean;
  /** Most resources of a kind that have series of their own. */
  readonly maxResources: number;
  /** Where they are served over TLS, and the folder with tls.crt and tls.key; undefined: beside health, without. */
  readonly tls: { readonly port: number; readonly folder: string } | undefined;
}

/** The options of `weir run` about metrics of resources. */
export const metricsFields = {
  metricsIncumbents: trueOrFalse,
  metricsMaxResources: wholeNumber(0, 1_000_000),
  metricsPort: wholeNumber(0, 65_535),
  metricsCertDir: z.string().optional(),
};

/** The configuration of metrics. */
export function metricsConfigOf(values: z.output<z.ZodObject<typeof metricsFields>>): MetricsConfig {
  const { metricsIncumbents: incumbents, metricsMaxResources: maxResources, metricsPort: port } = values;
  const { metricsCertDir: folder } = values;
  return { incumbents, maxResources, tls: folder === undefined ? undefined : { port, folder } };
}
