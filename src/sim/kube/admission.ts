import type { KubeObject } from '../../kube/object.ts';
import { deepEqual, isRecord } from '../../lib/json.ts';
import { invalid } from './refusal.ts';
import { hasAll } from './selector.ts';

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const POD_DEFAULTS: Fields = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
};

const DEPLOYMENT_DEFAULTS: Fields = {
  replicas: 1,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
};

/**
 * The object as the API server (1.34) stores it: with the defaults of its kind that something in the simulation reads.
 * `serviceIp` is called for a Service that needs an address.
 */
export function withDefaults(object: KubeObject, serviceIp: () => string): KubeObject {
  const spec = fieldsOf(object.spec);
  switch (object.kind) {
    case 'Pod':
      return { ...object, spec: { ...POD_DEFAULTS, ...spec } };
    case 'Deployment':
      return { ...object, spec: { ...DEPLOYMENT_DEFAULTS, ...spec, template: templateWithDefaults(spec.template) } };
    case 'ReplicaSet':
      return { ...object, spec: { replicas: 1, ...spec, template: templateWithDefaults(spec.template) } };
    case 'Service':
      return { ...object, spec: serviceWithDefaults(spec, serviceIp) };
    case 'Namespace':
      return { ...object, spec: { finalizers: ['kubernetes'], ...spec } };
    default:
      return object;
  }
}

function templateWithDefaults(template: unknown): Fields {
  const fields = fieldsOf(template);
  return { ...fields, spec: { ...POD_DEFAULTS, ...fieldsOf(fields.spec) } };
}

function serviceWithDefaults(spec: Fields, serviceIp: () => string): Fields {
  const ports = listOf(spec.ports).map((port) => ({
    protocol: 'TCP',
    targetPort: fieldsOf(port).port,
    ...fieldsOf(port),
  }));
  const clusterIP = spec.clusterIP ?? serviceIp();
  return { type: 'ClusterIP', sessionAffinity: 'None', ...spec, ports, clusterIP, clusterIPs: [clusterIP] };
}

/** Throws 422 for what the API server would not store; only rules that something in the project may run into. */
export function validate(object: KubeObject, previous: KubeObject | undefined): void {
  const problem = problemOf(object) ?? (previous === undefined ? undefined : changeProblemOf(object, previous));
  if (problem !== undefined) throw invalid(kindName(object), object.metadata.name, problem);
}

/** A kind as messages about invalid objects call it: `Deployment.apps`. */
function kindName({ kind, apiVersion }: KubeObject): string {
  return apiVersion.includes('/') ? `${kind}.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : kind;
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function problemOf(object: KubeObject): string | undefined {
  const { name } = object.metadata as { readonly name?: string };
  if (name === undefined) return 'metadata.name: Required value: name or generateName is required';
  if (object.kind !== 'Event' && (!NAME.test(name) || name.length > 253)) {
    return `metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'`;
  }
  const spec = fieldsOf(object.spec);
  if (object.kind === 'Pod') return podProblem(spec, 'spec');
  return object.kind === 'Deployment' || object.kind === 'ReplicaSet' ? workloadProblem(spec) : undefined;
}

function podProblem(spec: Fields, path: string): string | undefined {
  const containers = listOf(spec.containers);
  if (containers.length === 0) return `${path}.containers: Required value`;
  const nameless = containers.findIndex((container) => typeof fieldsOf(container).name !== 'string');
  return nameless < 0 ? undefined : `${path}.containers[${nameless}].name: Required value`;
}

function workloadProblem(spec: Fields): string | undefined {
  const wanted = fieldsOf(fieldsOf(spec.selector).matchLabels) as Record<string, string>;
  const template = fieldsOf(spec.template);
  const labels = fieldsOf(fieldsOf(template.metadata).labels) as Record<string, string>;
  if (Object.keys(wanted).length === 0) return 'spec.selector: Required value';
  if (!hasAll(labels, wanted)) {
    return `spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;
  }
  return podProblem(fieldsOf(template.spec), 'spec.template.spec');
}

function changeProblemOf(object: KubeObject, previous: KubeObject): string | undefined {
  const [spec, before] = [fieldsOf(object.spec), fieldsOf(previous.spec)];
  if (object.kind === 'Deployment' && !deepEqual(spec.selector, before.selector)) {
    return `spec.selector: Invalid value: ${JSON.stringify(spec.selector)}: field is immutable`;
  }
  if (object.kind === 'Pod' && !deepEqual(fixedPart(spec), fixedPart(before))) {
    return 'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  }
  return newFinalizerProblem(object, previous);
}

function fixedPart({ activeDeadlineSeconds: _deadline, tolerations: _tolerations, ...spec }: Fields): unknown {
  const containers = listOf(spec.containers).map((container) => ({ ...fieldsOf(container), image: undefined }));
  return { ...spec, containers };
}

function newFinalizerProblem(object: KubeObject, previous: KubeObject): string | undefined {
  if (previous.metadata.deletionTimestamp === undefined) return undefined;
  const before = previous.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  if (added.length === 0) return undefined;
  return `metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
}
