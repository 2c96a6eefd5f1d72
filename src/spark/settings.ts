/** An entry of an Ingress's spec.tls. */
export interface IngressTls {
  readonly hosts?: readonly string[] | undefined;
  readonly secretName?: string | undefined;
}

/** What the operator was told about all SparkApplications; what a resource says itself wins. */
export interface SparkSettings {
  /** Whether each driver gets a Service for its UI. */
  readonly uiService: boolean;
  readonly ingress: {
    /** Address of each UI outside the cluster, with `{{$appName}}`, `{{$appNamespace}}`, `{{$appId}}`; without one no UI has an Ingress. */
    readonly urlFormat: string | undefined;
    readonly className: string | undefined;
    readonly tls: readonly IngressTls[];
    readonly annotations: Readonly<Record<string, string>>;
  };
}

/** As the incumbent without flags (Kubeflow Spark Operator 2.5). */
export const DEFAULT_SETTINGS: SparkSettings = {
  uiService: true,
  ingress: { urlFormat: undefined, className: undefined, tls: [], annotations: {} },
};
