import type { z } from 'zod';
import { trueOrFalse, wholeNumber } from './config-values.ts';

/** Which metrics of resources there are, and how many series of them. */
export interface MetricsConfig {
  /** Whether resources have metrics under the names of the incumbents too. */
  readonly incumbents: boolean;
  /** Most resources of a kind that have series of their own. */
  readonly maxResources: number;
}

/** The options of `weir run` about metrics of resources. */
export const metricsFields = {
  metricsIncumbents: trueOrFalse,
  metricsMaxResources: wholeNumber(0, 1_000_000),
};

/** The configuration of metrics. */
export function metricsConfigOf(values: z.output<z.ZodObject<typeof metricsFields>>): MetricsConfig {
  return { incumbents: values.metricsIncumbents, maxResources: values.metricsMaxResources };
}
