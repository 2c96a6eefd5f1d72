import type { ContainerStart } from '../process.ts';
import { type Options, optionOf, readOptions, withDynamic } from './conf.ts';

/** What a Flink process finds when its container starts. */
export interface Installation {
  readonly options: Options;
  readonly args: readonly string[];
  readonly namespace: string;
  /** kubernetes.cluster-id. */
  readonly clusterId: string;
  /** `namespace/clusterId`. */
  readonly cluster: string;
  readonly image: string;
  /** `2.3.0`. */
  readonly version: string;
  /** Its logging writes the error it ends by where Kubernetes looks for a container's last words. */
  readonly tellsLastError: boolean;
}

/** Kubernetes' default terminationMessagePath. */
const TERMINATION_LOG = '/dev/termination-log';

/** Latest releases, as the images of the lines carry them. */
const RELEASES: Readonly<Record<string, string>> = {
  v1_20: '1.20.5',
  v2_0: '2.0.2',
  v2_1: '2.1.2',
  v2_2: '2.2.1',
  v2_3: '2.3.0',
};

/** Reads the conf folder and arguments; undefined when the folder holds no configuration, with which Flink does not start. */
export function installation({ pod, container, file }: ContainerStart): Installation | undefined {
  const text = {
    'config.yaml': file('/opt/flink/conf/config.yaml'),
    'flink-conf.yaml': file('/opt/flink/conf/flink-conf.yaml'),
  };
  const fileName = text['config.yaml'] === undefined ? 'flink-conf.yaml' : 'config.yaml';
  const found = text[fileName];
  if (found === undefined) return undefined;
  const args = Array.isArray(container.args) ? container.args.map(String) : [];
  const options = withDynamic(readOptions(found, fileName), args);
  const namespace = pod.metadata.namespace ?? 'default';
  const clusterId = optionOf(options, 'kubernetes.cluster-id') ?? '';
  const line = optionOf(options, '$internal.flink.version') ?? '';
  return {
    options,
    args,
    namespace,
    clusterId,
    cluster: `${namespace}/${clusterId}`,
    image: typeof container.image === 'string' ? container.image : '',
    version: RELEASES[line] ?? `${line.slice(1).replace('_', '.')}.0`,
    tellsLastError: file('/opt/flink/conf/log4j-console.properties')?.includes(TERMINATION_LOG) === true,
  };
}

/** Whether it runs a program of its own. */
export function isApplication({ args }: Installation): boolean {
  return args[0] === 'standalone-job' || args.some((arg) => arg.includes('kubernetes-application'));
}

/**
 * Whether the process ends when its program fails to start its job: ApplicationDispatcherBootstrap of 1.20 takes that for a
 * fatal error whatever execution.shutdown-on-application-finish says, PackagedProgramApplication of 2.3 does not.
 */
export function endsOnFailure(home: Installation): boolean {
  return isApplication(home) && Number.parseFloat(home.version) < 2.3;
}

/** Where job results are kept with high availability. */
export function resultFolder({ options, clusterId }: Installation): string {
  const storage = optionOf(options, 'high-availability.storageDir') ?? '';
  return optionOf(options, 'job-result-store.storage-path') ?? `${storage}/job-result-store/${clusterId}`;
}
