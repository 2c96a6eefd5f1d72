import * as z from 'zod';
import { buckets, json, names, oneOf, trueOrFalse, urlFormat, wholeNumber } from './config-values.ts';

/** Precisions of the time in a scheduled run's name, finest first. */
export const RUN_NAME_PRECISIONS = ['nanos', 'micros', 'millis', 'seconds', 'minutes'] as const;

/** One of RUN_NAME_PRECISIONS. */
export type RunNamePrecision = (typeof RUN_NAME_PRECISIONS)[number];

/** What concerns Spark only; the flags are those of the incumbent. */
export interface SparkConfig {
  /** Properties of every application that says nothing else, as they were at start. */
  readonly defaults: Readonly<Record<string, string>>;
  /** The folder they are read from again; undefined where none was named. */
  readonly folder: string | undefined;
  readonly uiService: boolean;
  readonly ingress: {
    readonly urlFormat: string | undefined;
    readonly className: string | undefined;
    readonly tls: readonly z.output<typeof ingressTls>[];
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** How finely the time in the names of scheduled runs is written. */
  readonly runNamePrecision: RunNamePrecision;
  /** Seconds after its end until an application is deleted that does not say so itself; 0: never. */
  readonly defaultTimeToLiveSeconds: number;
  /** Whether a change of nothing but where executors are placed leaves a run alone. */
  readonly partialRestart: boolean;
  readonly metrics: {
    /** Before the names of metrics of applications. */
    readonly prefix: string;
    /** Labels of a resource that its series have. */
    readonly labels: readonly string[];
    /** Upper bounds of the buckets of the two latencies, in seconds. */
    readonly submitBuckets: readonly number[];
    readonly startBuckets: readonly number[];
  };
  readonly batch: {
    readonly enabled: boolean;
    readonly kubeSchedulers: readonly string[];
    readonly fallback: string | undefined;
  };
}

const ingressTls = z.strictObject({ hosts: z.array(z.string()).optional(), secretName: z.string().optional() });
const TLS_RULE = 'be a JSON list such as [{"hosts":["a.example.org"],"secretName":"a-tls"}]';

/** The options of `weir run` that concern Spark only. */
export const sparkOptions = {
  sparkConfDir: z.string().optional(),
  enableUiService: trueOrFalse,
  ingressUrlFormat: urlFormat.optional(),
  ingressClassName: z.string().optional(),
  ingressTls: json(z.array(ingressTls), '[]', TLS_RULE),
  enableBatchScheduler: trueOrFalse,
  metricsPrefix: z.string().trim(),
  metricsLabels: names,
  submitLatencyBuckets: buckets,
  startLatencyBuckets: buckets,
  kubeSchedulerNames: names,
  defaultBatchScheduler: z.string().optional(),
  ingressAnnotations: json(z.record(z.string(), z.string()), '{}', 'be a JSON map of texts'),
  runNamePrecision: oneOf(RUN_NAME_PRECISIONS),
  defaultTimeToLiveSeconds: wholeNumber(0, 999_999_999),
  partialRestart: trueOrFalse,
};

/** What the options say, checked one by one. */
type SparkValues = z.output<z.ZodObject<typeof sparkOptions>>;

/** The rule the default scheduler breaks, as it would follow "must"; undefined when it is one that is known. */
export function defaultSchedulerRule({ defaultBatchScheduler, kubeSchedulerNames }: SparkValues): string | undefined {
  const name = defaultBatchScheduler?.trim() ?? '';
  if (name === '' || ['volcano', 'yunikorn', ...kubeSchedulerNames].includes(name)) return undefined;
  return 'be volcano, yunikorn or one of the kube-scheduler names';
}

/** The configuration for Spark, with the default properties that were read. */
export function sparkConfigOf(values: SparkValues, defaults: SparkConfig['defaults']): SparkConfig {
  return {
    defaults,
    folder: values.sparkConfDir,
    uiService: values.enableUiService,
    ingress: {
      urlFormat: values.ingressUrlFormat || undefined,
      className: values.ingressClassName?.trim() || undefined,
      tls: values.ingressTls,
      annotations: values.ingressAnnotations,
    },
    runNamePrecision: values.runNamePrecision,
    defaultTimeToLiveSeconds: values.defaultTimeToLiveSeconds,
    partialRestart: values.partialRestart,
    metrics: {
      prefix: values.metricsPrefix,
      labels: [...new Set(values.metricsLabels)],
      submitBuckets: values.submitLatencyBuckets,
      startBuckets: values.startLatencyBuckets,
    },
    batch: {
      enabled: values.enableBatchScheduler,
      kubeSchedulers: values.kubeSchedulerNames,
      fallback: values.defaultBatchScheduler?.trim() || undefined,
    },
  };
}
