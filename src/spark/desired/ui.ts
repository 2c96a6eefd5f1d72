import type { KubeObject } from '../../kube/object.ts';
import {
  outsideAddress,
  portIngressName,
  portServiceName,
  uiAddress,
  uiIngressName,
  uiPort,
  uiServiceName,
  uiServicePort,
} from '../conf/around.ts';
import { SPARK_LABELS } from '../conf/submission.ts';
import type { DriverIngressOptions } from '../schema.ts';
import { driverIngress } from './ingress.ts';
import { type Build, metadataOf } from './names.ts';

/** Service and Ingress of the Spark UI, as far as the operator is told to make them. */
export function uiObjects(build: Build): readonly KubeObject[] {
  const { application, conf, settings, submission } = build;
  if (!settings.uiService) return [];
  const options = application.spec.sparkUIOptions ?? {};
  const service = uiServiceName(application);
  const port = uiServicePort(application, conf);
  const address = uiAddress(settings, application, submission.applicationId);
  return [
    portService(build, options, {
      name: service,
      portName: options.servicePortName ?? 'spark-driver-ui-port',
      port,
      targetPort: uiPort(conf),
    }),
    ...(address === undefined
      ? []
      : [
          driverIngress(build, {
            name: uiIngressName(application),
            address,
            service,
            port,
            annotations: options.ingressAnnotations,
            tls: options.ingressTLS,
          }),
        ]),
  ];
}

/** Service, and Ingress where an address is given, for each port of spec.driverIngressOptions. */
export function portObjects(build: Build): readonly KubeObject[] {
  return (build.application.spec.driverIngressOptions ?? []).flatMap((options) => objectsOfPort(build, options));
}

function objectsOfPort(build: Build, options: DriverIngressOptions): readonly KubeObject[] {
  const { application, submission } = build;
  const { servicePort: port = 0, servicePortName, ingressURLFormat = '' } = options;
  const service = portServiceName(application, port);
  const made = portService(build, options, {
    name: service,
    portName: servicePortName ?? `driver-ing-${port}`,
    port,
    targetPort: port,
  });
  const address =
    ingressURLFormat.trim() === ''
      ? undefined
      : outsideAddress(ingressURLFormat, application, submission.applicationId);
  if (address === undefined) return [made];
  const ingress = driverIngress(build, {
    name: portIngressName(application, port),
    address,
    service,
    port,
    annotations: options.ingressAnnotations,
    tls: options.ingressTLS,
  });
  return [made, ingress];
}

type ServiceOptions = Pick<DriverIngressOptions, 'serviceType' | 'serviceAnnotations' | 'serviceLabels'>;

interface ServicePort {
  readonly name: string;
  readonly portName: string;
  readonly port: number;
  readonly targetPort: number;
}

/** A Service to one port of the driver. It selects by name and role, so that it leads to whichever run there is. */
function portService(
  build: Build,
  { serviceType, serviceAnnotations, serviceLabels }: ServiceOptions,
  { name, portName, port, targetPort }: ServicePort,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(build, name, {
      labels: { ...serviceLabels, [SPARK_LABELS.created]: 'true' },
      annotations: serviceAnnotations ?? {},
    }),
    spec: {
      type: serviceType ?? 'ClusterIP',
      selector: { [SPARK_LABELS.appName]: build.application.metadata.name, 'spark-role': 'driver' },
      ports: [{ name: portName, port, targetPort, protocol: 'TCP' }],
    },
  };
}
