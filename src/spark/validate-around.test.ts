import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { aSparkApplication } from './testing.ts';
import { validateSpec } from './validate.ts';

function problems(spec: Partial<SparkApplicationSpec>): string[] {
  const { metadata, spec: whole } = aSparkApplication();
  return validateSpec(metadata, { ...whole, ...spec }).map(describeIssue);
}

describe('sparkUIOptions and driverIngressOptions', () => {
  it('are taken as samples of the incumbent have them', () => {
    const sparkUIOptions = { servicePort: 4040, servicePortName: 'spark-driver-ui-port', serviceType: 'LoadBalancer' };
    const driverIngressOptions = [
      { servicePort: 80, ingressURLFormat: '{{$appName}}.example.org' },
      { servicePort: 81, ingressURLFormat: 'https://example.org/{{ $appNamespace }}/{{$appName}}' },
      { servicePort: 82 },
      { servicePort: 83 },
    ];
    expect(problems({ sparkUIOptions, driverIngressOptions })).toEqual([]);
  });

  it.each<[string, Partial<SparkApplicationSpec>, string]>([
    [
      'a port that is none',
      { sparkUIOptions: { servicePort: 65_536 } },
      'spec.sparkUIOptions.servicePort: 65536 is not valid, it must be a port from 1 to 65535',
    ],
    [
      'a name of a port that is none',
      { sparkUIOptions: { servicePortName: 'Spark UI' } },
      'spec.sparkUIOptions.servicePortName: "Spark UI" is not valid, it must be at most 63 lower-case letters, digits and \'-\'',
    ],
    [
      'a type that leads to no pods',
      { sparkUIOptions: { serviceType: 'ExternalName' } },
      'spec.sparkUIOptions.serviceType: "ExternalName" is not valid, it must be one of ClusterIP, NodePort, LoadBalancer',
    ],
    [
      'no port',
      { driverIngressOptions: [{ ingressURLFormat: 'a.example.org' }] },
      'spec.driverIngressOptions[0].servicePort: is missing, it must name a port of the driver',
    ],
    [
      'a port twice',
      { driverIngressOptions: [{ servicePort: 80 }, { servicePort: 80 }] },
      'spec.driverIngressOptions[1].servicePort: 80 is not valid, it must be different from those before it',
    ],
    [
      'an address twice',
      {
        driverIngressOptions: [
          { servicePort: 80, ingressURLFormat: 'a.example.org' },
          { servicePort: 81, ingressURLFormat: 'a.example.org' },
        ],
      },
      'spec.driverIngressOptions[1].ingressURLFormat: "a.example.org" is not valid, it must be different from those before it',
    ],
    ...['/{{$appName}}', 'http://', '{{$name}}.example.org', 'a b.example.org'].map(
      (ingressURLFormat): [string, Partial<SparkApplicationSpec>, string] => [
        `the address ${ingressURLFormat}`,
        { driverIngressOptions: [{ servicePort: 80, ingressURLFormat }] },
        `spec.driverIngressOptions[0].ingressURLFormat: "${ingressURLFormat}" is not valid, it must be a URL with a host, such as jobs.example.org/{{$appName}}`,
      ],
    ),
  ])('refuses %s', (_name, spec, message) => {
    expect(problems(spec)).toEqual([message]);
  });
});
