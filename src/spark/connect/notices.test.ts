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
      'the selector of the Service',
      { server: { service: { spec: { type: 'NodePort', selector: { a: 'b' } } } } },
      'spec.server.service.spec.selector: nothing is done with it: the Service always leads to the server',
    ],
    [
      'name and target of a port of the server',
      { server: { service: { spec: { ports: [{ port: 15002, name: 'grpc', targetPort: 1 }] } } } },
      'spec.server.service.spec.ports[0].name, spec.server.service.spec.ports[0].targetPort: nothing is done with them: port 15002 is one of the server, with name and target of its own',
    ],
    [
      'a node port of a Service that is on no node',
      { server: { service: { spec: { ports: [{ port: 80 }, { port: 15002, nodePort: 31002 }] } } } },
      'spec.server.service.spec.ports[1].nodePort: nothing is done with it: only with type NodePort or LoadBalancer',
    ],
    [
      'a node port that is none',
      { server: { service: { spec: { type: 'NodePort', ports: [{ port: 15002, nodePort: 0.5 }] } } } },
      'spec.server.service.spec.ports[0].nodePort: nothing is done with it: it is no number from 1 to 65535',
    ],
    [
      'a port that no Service can have',
      { server: { service: { spec: { ports: [{ port: 0 }] } } } },
      'spec.server.service.spec.ports[0]: nothing is done with it: a port of a Service has a number from 1 to 65535, and the protocol TCP, UDP or SCTP',
    ],
    [
      'a port given twice',
      { server: { service: { spec: { ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] } } } },
      'spec.server.service.spec.ports[1]: nothing is done with it: spec.server.service.spec.ports has port 80 already',
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
    const service = {
      metadata: { name: 'sql', namespace: 'default' },
      spec: { type: 'LoadBalancer', ports: [{ port: 15002, nodePort: 31002 }, { port: 80 }] },
    } as const;
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
