import { describe, expect, it } from 'vitest';
import { describeIssue } from '../../core/issue.ts';
import { CONNECT_ADMISSION } from './admission.ts';
import { decideConnect } from './decide.ts';
import { UNSEEN } from './observed.ts';
import { connectSituation } from './situation.ts';
import { aSparkConnect, type ConnectOverrides } from './testing.ts';

type Spec = NonNullable<ConnectOverrides['spec']>;

const SERVER = { name: 'spark-kubernetes-driver' };

function judged(spec: Spec) {
  return CONNECT_ADMISSION.judge(aSparkConnect({ spec }), { get: () => undefined, list: () => [] });
}

describe('what a SparkConnect has in vain is named', () => {
  it.each<[string, Spec, string]>([
    [
      'another program than the server',
      {
        server: {
          template: { spec: { containers: [{ name: 'proxy' }, { ...SERVER, command: ['bash'], args: ['-c'] }] } },
        },
      },
      'spec.server.template.spec.containers[1].command, spec.server.template.spec.containers[1].args: nothing is done with them: the server is started by the entry point of its image',
    ],
    [
      'restarts of the template',
      { server: { template: { spec: { containers: [SERVER], restartPolicy: 'Always' } } } },
      'spec.server.template.spec.restartPolicy: nothing is done with it: spec.restartPolicy says when the server is started again',
    ],
    [
      'ports and selector of the Service',
      { server: { service: { spec: { type: 'NodePort', ports: [{ port: 1 }], selector: { a: 'b' } } } } },
      'spec.server.service.spec.ports, spec.server.service.spec.selector: nothing is done with them: the Service always leads to the ports of the server',
    ],
    [
      'another namespace of the Service',
      { server: { service: { metadata: { name: 'sql', namespace: 'elsewhere' } } } },
      'spec.server.service.metadata.namespace: nothing is done with it: the Service is where the server is, in default',
    ],
    [
      'retries of a server that is always started again',
      { restartPolicy: { onFailureRetries: 3, onFailureRetryInterval: 10 } },
      'spec.restartPolicy.onFailureRetries: nothing is done with it: with spec.restartPolicy.restartPolicyType Always there is no end of it',
    ],
    [
      'a property that a field of the server wins over',
      { sparkConf: { 'spark.driver.memory': '8g' } },
      'spec.sparkConf["spark.driver.memory"]: nothing is done with it: spec.server.memory wins over it',
    ],
    [
      'sizes of the template of executors',
      { executor: { template: { spec: { containers: [{ name: 'x', resources: { requests: { memory: '8Gi' } } }] } } } },
      'spec.executor.template.spec.containers[0].resources.requests.memory: nothing is done with it: cores, memory and memoryOverhead of spec.executor say how large the pod is',
    ],
  ])('%s: at admission, and once as an event', (_what, spec, sentence) => {
    expect(judged(spec)).toEqual({ issues: [], warnings: [sentence] });
    const { events } = decideConnect(connectSituation(aSparkConnect({ spec }), UNSEEN, new Date(0)));
    expect(events.filter(({ reason }) => reason === 'FieldNotApplied').map(({ message }) => message)).toEqual([
      sentence,
    ]);
    const status = { observedGeneration: 1 };
    const later = decideConnect(connectSituation(aSparkConnect({ spec, status }), UNSEEN, new Date(0)));
    expect(later.events.map(({ reason }) => reason)).not.toContain('FieldNotApplied');
  });

  it('but not what the server takes from its template and Service', () => {
    const container = { ...SERVER, image: 'mine:1', resources: { requests: { cpu: '1', memory: '2Gi' } } };
    const service = { metadata: { name: 'sql', namespace: 'default' }, spec: { type: 'LoadBalancer' } } as const;
    expect(judged({ server: { template: { spec: { containers: [container] } }, service } }).warnings).toEqual([]);
  });
});

it('a SparkConnect without executors is refused, as spark-submit does, unless they come as they are needed', () => {
  expect(judged({ executor: { instances: 0 } }).issues.map(describeIssue)).toEqual([
    'spec.executor.instances: 0 is not valid, it must be at least 1 unless dynamicAllocation is enabled: spark-submit refuses none',
  ]);
  expect(judged({ executor: { instances: 0 }, dynamicAllocation: { enabled: true } }).issues).toEqual([]);
  expect(judged({ server: { template: 'x' as never } }).issues).not.toEqual([]);
});
