import type { OptionInfo } from './option-info.ts';

/** The options about metrics of resources, in the order help texts show them. */
export const METRICS_OPTIONS = {
  metricsIncumbents: {
    flag: '--metrics-incumbents',
    argument: 'true|false',
    env: 'WEIR_METRICS_INCUMBENTS',
    default: 'true',
    describe: 'give metrics of resources under the names of the operators before Weir too (docs/reference/metrics.md)',
  },
  metricsMaxResources: {
    flag: '--metrics-max-resources',
    argument: 'count',
    env: 'WEIR_METRICS_MAX_RESOURCES',
    default: '1000',
    describe: 'most resources of a kind that have series of their own; all of them are counted in weir_resources',
  },
} as const satisfies Readonly<Record<string, OptionInfo>>;
