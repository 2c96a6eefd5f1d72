import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { isDnsLabel, isDnsSubdomain, isLabelValue, isPortName, isQualifiedName } from '../kube/names.ts';
import { isPort } from './conf/around.ts';
import { SPARK_CONTAINERS, sparkContainerOf } from './conf/pod-templates.ts';
import type { DriverSpec } from './schema.ts';

/*
 * What the API server would refuse in a pod. Of a driver it says so at once; executors are refused to their driver, again and
 * again, and nobody but its log tells of it. Empty text counts as absent wherever it does so there.
 */

type Path = readonly PropertyKey[];

/** Every rule that what is put into a role's pod breaks. */
export function containerIssues(role: 'driver' | 'executor', fields: DriverSpec): readonly Issue[] {
  const at = (field: string): Path => ['spec', role, field];
  const { serviceAccount = '', terminationGracePeriodSeconds: grace = 0 } = fields;
  return [
    ...labelIssues(at('labels'), fields.labels),
    ...annotationIssues(at('annotations'), fields.annotations),
    ...gpuIssues(at('gpu'), fields.gpu),
    ...portIssues(at('ports'), fields.ports),
    ...environmentIssues(role, fields),
    ...besideIssues(role, fields),
    ...(serviceAccount === '' || isDnsSubdomain(serviceAccount)
      ? []
      : [issueAt(at('serviceAccount'), serviceAccount, 'be the name of a service account')]),
    ...(grace >= 0 ? [] : [issueAt(at('terminationGracePeriodSeconds'), grace, 'be at least 0')]),
  ];
}

function environmentIssues(role: string, { env = [], envSecretKeyRefs = {} }: DriverSpec): readonly Issue[] {
  return [
    ...env.flatMap(({ name }, index) =>
      (name ?? '') === '' ? [issueAt(['spec', role, 'env', index, 'name'], name, 'name an environment variable')] : [],
    ),
    ...Object.entries(envSecretKeyRefs).flatMap(([variable, reference]) =>
      (['name', 'key'] as const)
        .filter((part) => (reference[part] ?? '') === '')
        .map((part) => issueAt(['spec', role, 'envSecretKeyRefs', variable, part], reference[part], PARTS[part])),
    ),
  ];
}

const PARTS = { name: 'name a Secret', key: 'name a key of the Secret' } as const;
const CONTAINER_NAME = "be a name of at most 63 lower-case letters, digits and '-' that no other container has";

/** Containers beside Spark's need names of their own; one that the template has with the same image is the same one. */
function besideIssues(
  role: 'driver' | 'executor',
  { template, sidecars = [], initContainers = [] }: DriverSpec,
): readonly Issue[] {
  const spark = sparkContainerOf(role, template)?.name ?? SPARK_CONTAINERS[role];
  const { containers = [], initContainers: before = [] } = template?.spec ?? {};
  const fields = Object.entries({ sidecars, initContainers });
  const known = new Map([...containers, ...before].map(({ name, image }) => [name, image]));
  const taken = new Set([spark, ...known.keys()]);
  return fields.flatMap(([field, items]) =>
    items.flatMap(({ name, image }, index) => {
      const same = name !== spark && known.has(name) && known.get(name) === image;
      const good = isDnsLabel(name ?? '') && (same || !taken.has(name));
      taken.add(name);
      return good ? [] : [issueAt(['spec', role, field, index, 'name'], name, CONTAINER_NAME)];
    }),
  );
}

/** Every rule a role's GPUs break: without a name or a number there would be none, and nothing said. */
function gpuIssues(path: Path, gpu: DriverSpec['gpu']): readonly Issue[] {
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
function portIssues(path: Path, ports: DriverSpec['ports'] = []): readonly Issue[] {
  return ports.flatMap(({ name = '', protocol = '', containerPort }, index) => [
    ...(name === '' || isPortName(name) ? [] : [issueAt([...path, index, 'name'], name, PORT_NAME)]),
    ...(protocol === '' || PROTOCOLS.includes(protocol)
      ? []
      : [issueAt([...path, index, 'protocol'], protocol, `be one of ${PROTOCOLS.join(', ')}`)]),
    ...(isPort(containerPort ?? 0)
      ? []
      : [issueAt([...path, index, 'containerPort'], containerPort, 'be a port from 1 to 65535')]),
  ]);
}

const KEY_RULE = "have a key of at most 63 letters, digits, '-', '_' and '.', after a domain and '/' if it has one";
const VALUE_RULE = "be at most 63 letters, digits, '-', '_' and '.', the first and last a letter or digit";

/** Capitals in the domain of a key are fine (apimachinery 0.34, ValidateAnnotations). */
function annotationIssues(path: Path, annotations: Readonly<Record<string, string>> = {}): readonly Issue[] {
  const bad = Object.entries(annotations).filter(([key]) => !isQualifiedName(key.toLowerCase()));
  return bad.map(([key, value]) => issueAt([...path, key], value, KEY_RULE));
}

/** Spark fills in its placeholders in values (from 4.0 on). */
function labelIssues(path: Path, labels: Readonly<Record<string, string>> = {}): readonly Issue[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...(isQualifiedName(key) ? [] : [issueAt([...path, key], value, KEY_RULE)]),
    ...(isLabelValue(value.replaceAll(PLACEHOLDER, 'x')) ? [] : [issueAt([...path, key], value, VALUE_RULE)]),
  ]);
}

const PLACEHOLDER = /\{\{(APP_ID|EXECUTOR_ID)\}\}/g;
