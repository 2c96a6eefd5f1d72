/** An entry of an Ingress's spec.tls. */
export interface IngressTls {
  readonly hosts?: readonly string[] | undefined;
  readonly secretName?: string | undefined;
}

/** What the operator was told about all SparkApplications; what a resource says itself wins. */
export interface SparkSettings {
  /** Properties of every application that says nothing else, as the operator's spark-defaults.conf has them. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Whether each driver gets a Service for its UI. */
  readonly uiService: boolean;
  readonly ingress: {
    /** Address of each UI outside the cluster, with `{{$appName}}`, `{{$appNamespace}}`, `{{$appId}}`; without one no UI has an Ingress. */
    readonly urlFormat: string | undefined;
    readonly className: string | undefined;
    readonly tls: readonly IngressTls[];
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Which batch schedulers there are; undefined where that is not known, so that any name may be one. */
  readonly batch: BatchSettings | undefined;
  /** Seconds after its end until an application is deleted that does not say so itself; 0: never. */
  readonly defaultTimeToLiveSeconds: number;
  /** Whether a change of nothing but where executors are placed leaves a run alone (the incumbent's gate PartialRestart). */
  readonly partialRestart: boolean;
}

/** What the operator was told about batch schedulers. */
export interface BatchSettings {
  readonly enabled: boolean;
  /** Names of schedulers that have the coscheduling of scheduler-plugins. */
  readonly kubeSchedulers: readonly string[];
  /** The scheduler of applications that name none. */
  readonly fallback: string | undefined;
}

/** As the incumbent without flags (Kubeflow Spark Operator 2.5), for who does not know those of the operator. */
export const DEFAULT_SETTINGS: SparkSettings = {
  defaults: {},
  uiService: true,
  ingress: { urlFormat: undefined, className: undefined, tls: [], annotations: {} },
  batch: undefined,
  defaultTimeToLiveSeconds: 0,
  partialRestart: false,
};
