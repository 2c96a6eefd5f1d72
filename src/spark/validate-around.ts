import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { isDnsLabel } from '../kube/names.ts';
import { firstPositions } from '../lib/first-positions.ts';
import { isPort, outsideAddress } from './conf/around.ts';
import type { DriverIngressOptions, SparkApplicationSpec, SparkUiOptions } from './schema.ts';
import type { Named } from './validate-conf.ts';

type Path = readonly PropertyKey[];

/** Every rule that the fields about Services and Ingresses of the driver break. */
export function validateAround(metadata: Named, spec: SparkApplicationSpec): readonly Issue[] {
  const { sparkUIOptions, driverIngressOptions = [] } = spec;
  return [
    ...(sparkUIOptions === undefined ? [] : serviceIssues(['spec', 'sparkUIOptions'], sparkUIOptions)),
    ...driverIngressOptions.flatMap((options, index) => portIssues(metadata, options, index)),
    ...repeated(driverIngressOptions, 'servicePort'),
    ...repeated(driverIngressOptions, 'ingressURLFormat'),
  ];
}

/** Types of a Service that leads to pods. */
const SERVICE_TYPES: readonly string[] = ['ClusterIP', 'NodePort', 'LoadBalancer'];

function serviceIssues(
  path: Path,
  {
    servicePort,
    servicePortName,
    serviceType,
  }: Pick<SparkUiOptions, 'servicePort' | 'servicePortName' | 'serviceType'>,
): readonly Issue[] {
  return [
    ...(servicePort === undefined || isPort(servicePort)
      ? []
      : [issueAt([...path, 'servicePort'], servicePort, 'be a port from 1 to 65535')]),
    ...(servicePortName === undefined || isDnsLabel(servicePortName)
      ? []
      : [issueAt([...path, 'servicePortName'], servicePortName, "be at most 63 lower-case letters, digits and '-'")]),
    ...(serviceType === undefined || SERVICE_TYPES.includes(serviceType)
      ? []
      : [issueAt([...path, 'serviceType'], serviceType, `be one of ${SERVICE_TYPES.join(', ')}`)]),
  ];
}

function portIssues({ name, namespace }: Named, options: DriverIngressOptions, index: number): readonly Issue[] {
  const path = ['spec', 'driverIngressOptions', index];
  const { servicePort, ingressURLFormat: format } = options;
  const known = format === undefined || format.trim() === '';
  const application = { metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
  return [
    ...(servicePort === undefined ? [issueAt([...path, 'servicePort'], undefined, 'name a port of the driver')] : []),
    ...serviceIssues(path, options),
    ...(known || outsideAddress(format, application, 'spark') !== undefined
      ? []
      : [
          issueAt([...path, 'ingressURLFormat'], format, 'be a URL with a host, such as jobs.example.org/{{$appName}}'),
        ]),
  ];
}

/** Two Services or Ingresses cannot have the same name or lead from the same address. */
function repeated(all: readonly DriverIngressOptions[], field: 'servicePort' | 'ingressURLFormat'): readonly Issue[] {
  const values = all.map((options) => options[field]);
  const first = firstPositions<unknown>(values);
  return values.flatMap((value, index) =>
    value === undefined || value === '' || first.get(value) === index
      ? []
      : [issueAt(['spec', 'driverIngressOptions', index, field], value, 'be different from those before it')],
  );
}
