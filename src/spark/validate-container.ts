import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { isLabelValue, isPortName, isQualifiedName } from '../kube/names.ts';
import { isPort } from './conf/around.ts';
import type { DriverSpec } from './schema.ts';

/*
 * What the API server would refuse in a pod. Of a driver it says so at once; executors are refused to their driver, again and
 * again, and nobody but its log tells of it.
 */

type Path = readonly PropertyKey[];

/** Every rule a role's GPUs break: without a name or a number there would be none, and nothing said. */
export function gpuIssues(path: Path, gpu: DriverSpec['gpu']): readonly Issue[] {
  if (gpu === undefined) return [];
  const { name, quantity } = gpu;
  return [
    ...(isQualifiedName(name ?? '')
      ? []
      : [issueAt([...path, 'name'], name, 'name the resource, such as nvidia.com/gpu')]),
    ...((quantity ?? -1) >= 0 ? [] : [issueAt([...path, 'quantity'], quantity, 'be at least 0')]),
  ];
}

const PROTOCOLS: readonly string[] = ['TCP', 'UDP', 'SCTP'];
const PORT_NAME = "be at most 15 lower-case letters, digits and '-'";

/** Every rule the ports of a role's container break. */
export function portIssues(path: Path, ports: DriverSpec['ports'] = []): readonly Issue[] {
  return ports.flatMap(({ name, protocol = 'TCP', containerPort }, index) => [
    ...(name === undefined || isPortName(name) ? [] : [issueAt([...path, index, 'name'], name, PORT_NAME)]),
    ...(PROTOCOLS.includes(protocol)
      ? []
      : [issueAt([...path, index, 'protocol'], protocol, `be one of ${PROTOCOLS.join(', ')}`)]),
    ...(isPort(containerPort ?? 0)
      ? []
      : [issueAt([...path, index, 'containerPort'], containerPort, 'be a port from 1 to 65535')]),
  ]);
}

const KEY_RULE = "have a key of at most 63 letters, digits, '-', '_' and '.', after a domain and '/' if it has one";
const VALUE_RULE = "be at most 63 letters, digits, '-', '_' and '.', the first and last a letter or digit";

/** Every rule of Kubernetes that labels break. Spark fills in its placeholders (from 4.0 on). */
export function spellingIssues(path: Path, labels: Readonly<Record<string, string>> = {}): readonly Issue[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    if (!isQualifiedName(key)) return [issueAt([...path, key], value, KEY_RULE)];
    const filled = value.replaceAll(/\{\{(APP_ID|EXECUTOR_ID)\}\}/g, 'x');
    return isLabelValue(filled) ? [] : [issueAt([...path, key], value, VALUE_RULE)];
  });
}
