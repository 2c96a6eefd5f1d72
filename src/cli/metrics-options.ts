import type { OptionInfo } from './option-info.ts';

/** The options about metrics and traces of passes, in the order help texts show them. */
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
  metricsCertDir: {
    flag: '--metrics-cert-dir',
    argument: 'folder',
    env: 'WEIR_METRICS_CERT_DIR',
    default: undefined,
    describe:
      'folder with tls.crt and tls.key: /metrics is served over TLS, at --metrics-port in place of --http-port; read again when they change',
  },
  metricsPort: {
    flag: '--metrics-port',
    argument: 'port',
    env: 'WEIR_METRICS_PORT',
    default: '8443',
    describe: 'port of /metrics over TLS; 0 takes any free one',
  },
  traceEndpoint: {
    flag: '--trace-endpoint',
    argument: 'url',
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    default: undefined,
    describe: 'OTLP receiver (HTTP, JSON) that is told of each pass and its requests as a trace; without it nobody is',
  },
  traceRatio: {
    flag: '--trace-ratio',
    argument: 'share',
    env: 'OTEL_TRACES_SAMPLER_ARG',
    default: '1',
    describe: 'share of the passes it is told of, from 0 to 1',
  },
} as const satisfies Readonly<Record<string, OptionInfo>>;
