import { optionOf } from '../../core/properties.ts';
import type { KubeObject } from '../../kube/object.ts';
import { BLOCK_MANAGER_PORT, DRIVER_PORT } from '../conf/cluster-rules.ts';
import { driverRole, driverServiceName } from '../conf/submission.ts';
import { sparkAtLeast } from '../conf/versions.ts';
import { type Build, mapOf, metadataOf, sparkLabels } from './names.ts';

/** A port of the driver. */
export interface DriverPort {
  readonly name: string;
  readonly port: number;
  /** What it speaks, where that is known to proxies. */
  readonly appProtocol?: string;
}

/** Ports of the driver, of its container and its Service alike (BasicDriverFeatureStep, DriverServiceFeatureStep). */
export function driverPorts({ conf, application }: Build): readonly DriverPort[] {
  const port = (key: string, fallback: string): number => Number(optionOf(conf, key) ?? fallback);
  const isServer = application.kind === 'SparkConnect' || sparkAtLeast(application.spec.sparkVersion, 4, 1);
  const grpc = { name: 'spark-connect', port: port('spark.connect.grpc.binding.port', '15002'), appProtocol: 'grpc' };
  return [
    { name: 'driver-rpc-port', port: port('spark.driver.port', DRIVER_PORT) },
    { name: 'blockmanager', port: port('spark.driver.blockManager.port', BLOCK_MANAGER_PORT) },
    { name: 'spark-ui', port: port('spark.ui.port', '4040') },
    ...(isServer ? [grpc] : []),
  ];
}

/**
 * The headless Service executors find their driver by. Its label spark-app-selector lets the driver delete it when it has
 * ended. It selects by what only this submission's driver has.
 */
export function driverService(build: Build): KubeObject {
  const { application, submission, conf } = build;
  const labels = sparkLabels(build);
  const selector = { 'spark-app-selector': submission.applicationId, 'spark-role': driverRole(application) };
  const policy = optionOf(conf, 'spark.kubernetes.driver.service.ipFamilyPolicy');
  const families = optionOf(conf, 'spark.kubernetes.driver.service.ipFamilies');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(build, driverServiceName(application, submission), {
      labels: {
        ...mapOf(build, 'spark.kubernetes.driver.service.label.'),
        'spark-app-selector': labels['spark-app-selector'] ?? '',
      },
      annotations: mapOf(build, 'spark.kubernetes.driver.service.annotation.'),
    }),
    spec: {
      clusterIP: 'None',
      // A server's executors are there before it takes connections.
      ...(application.kind === 'SparkConnect' ? { publishNotReadyAddresses: true } : {}),
      ...(policy === undefined ? {} : { ipFamilyPolicy: policy }),
      ...(families === undefined ? {} : { ipFamilies: families.split(',').map((family) => family.trim()) }),
      selector,
      ports: driverPorts(build).map(({ port, ...rest }) => ({ ...rest, port, targetPort: port, protocol: 'TCP' })),
    },
  };
}
