import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import type { DeepPartial } from '../core/testing/merged.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { REFUSED_AROUND } from './testing/refused.ts';
import { aSparkApplication } from './testing.ts';
import { validateSpec } from './validate.ts';

function problems(spec: DeepPartial<SparkApplicationSpec>): string[] {
  const application = aSparkApplication({ spec });
  return validateSpec(application.metadata, application.spec).map(describeIssue);
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

  it.each(REFUSED_AROUND)('refuses %s', (_name, spec, message) => {
    expect(problems(spec)).toEqual([message]);
  });
});
