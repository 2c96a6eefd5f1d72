import { expect, it } from 'vitest';
import { startedCluster } from './started-cluster.ts';
import { resourceOf } from './testing/pass.ts';

it.each<[Record<string, string>, boolean | undefined]>([
  [{}, undefined],
  [{ 'security.ssl.rest.enabled': 'true' }, true],
  [{ 'security.ssl.enabled': 'true' }, true],
  [{ 'security.ssl.enabled': 'true', 'security.ssl.rest.enabled': 'false' }, undefined],
])('is asked over TLS where Flink answers so: %j', (flinkConfiguration, tls) => {
  const started = startedCluster(resourceOf({ spec: { flinkConfiguration } }), { flinkConfiguration: {} });
  expect(started?.target.tls).toBe(tls);
});
