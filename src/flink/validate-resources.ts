import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { parseQuantity } from '../kube/quantity.ts';
import { parseResourceMemory } from './conf/resource-spec.ts';
import { type FlatConfiguration, firstSet, isHighAvailability } from './configuration.ts';
import type { FlinkDeploymentSpec, FlinkResource, FlinkResourceRequirements } from './schema.ts';
import { validateProcessMemory } from './validate-memory.ts';

const MEMORY_RULE = 'be a memory size above 0, such as 2048m, 2g or 2Gi';
const QUANTITY_RULE = 'be a quantity, such as 500m, 2 or 1Gi';

/** Options from which Flink's memory model can compute a process size; of `together` all are needed. */
const MEMORY_OPTIONS = {
  jobManager: {
    alone: [
      'jobmanager.memory.process.size',
      'jobmanager.memory.flink.size',
      'jobmanager.memory.heap.size',
      'jobmanager.heap.size',
    ],
    together: [],
  },
  taskManager: {
    alone: ['taskmanager.memory.process.size', 'taskmanager.memory.flink.size'],
    together: ['taskmanager.memory.task.heap.size', 'taskmanager.memory.managed.size'],
  },
} as const;

type Component = keyof typeof MEMORY_OPTIONS;

/** Rules for spec.jobManager and spec.taskManager: memory, cores, quantities, replicas (incumbent: JM and TM rules). */
export function validateComponents(spec: FlinkDeploymentSpec, conf: FlatConfiguration): readonly Issue[] {
  return (['jobManager', 'taskManager'] as const).flatMap((component) => [
    ...memoryGiven(component, spec, conf),
    ...validateResource(component, spec[component]?.resource),
    ...validateRequirements(component, spec[component]?.resources),
    ...validateProcessMemory(component, spec, conf),
    ...validateReplicas(component, spec[component]?.replicas, conf),
  ]);
}

function memoryGiven(component: Component, spec: FlinkDeploymentSpec, conf: FlatConfiguration): readonly Issue[] {
  const { alone, together } = MEMORY_OPTIONS[component];
  const configured = [...alone, ...together].flatMap((key) => configuredMemory(key, conf));
  if (configured.length > 0) return configured;
  const { resource, resources } = spec[component] ?? {};
  const inSpec = hasRequirements(resources)
    ? (resources?.requests?.memory ?? resources?.limits?.memory)
    : resource?.memory;
  if (inSpec !== undefined && String(inSpec).trim() !== '') return [];
  const byOptions =
    firstSet(conf, alone) !== undefined || (together.length > 0 && together.every((key) => conf.has(key)));
  if (byOptions) return [];
  const path = hasRequirements(resources) ? ['resources', 'requests', 'memory'] : ['resource', 'memory'];
  return [issueAt(['spec', component, ...path], inSpec, MEMORY_RULE)];
}

function configuredMemory(key: string, conf: FlatConfiguration): readonly Issue[] {
  const value = conf.get(key);
  if (value === undefined || (parseResourceMemory(value) ?? 0) > 0) return [];
  return [issueAt(['spec', 'flinkConfiguration', key], value, MEMORY_RULE)];
}

/** Only then `resources` wins over `resource`. */
function hasRequirements(resources: FlinkResourceRequirements | undefined): boolean {
  const { requests = {}, limits = {} } = resources ?? {};
  return Object.keys(requests).length > 0 || Object.keys(limits).length > 0;
}

function validateResource(component: Component, resource: FlinkResource | undefined): readonly Issue[] {
  const { cpu, memory, ephemeralStorage } = resource ?? {};
  const path = ['spec', component, 'resource'];
  const issues: Issue[] = [];
  if (cpu !== undefined && cpu <= 0) issues.push(issueAt([...path, 'cpu'], cpu, 'be above 0'));
  if (memory !== undefined && memory.trim() !== '' && (parseResourceMemory(memory) ?? 0) <= 0) {
    issues.push(issueAt([...path, 'memory'], memory, MEMORY_RULE));
  }
  if (ephemeralStorage !== undefined && (parseQuantity(ephemeralStorage) ?? -1) < 0) {
    issues.push(issueAt([...path, 'ephemeralStorage'], ephemeralStorage, QUANTITY_RULE));
  }
  return issues;
}

function validateRequirements(
  component: Component,
  resources: FlinkResourceRequirements | undefined,
): readonly Issue[] {
  const path = ['spec', component, 'resources'];
  const { requests = {}, limits = {} } = resources ?? {};
  return [
    ...Object.entries(requests).flatMap(([name, value]) => validateQuantity([...path, 'requests', name], name, value)),
    ...Object.entries(limits).flatMap(([name, value]) => validateQuantity([...path, 'limits', name], name, value)),
    ...['cpu', 'memory'].flatMap((name) =>
      requestWithinLimit([...path, 'requests', name], requests[name], limits[name]),
    ),
  ];
}

function validateQuantity(path: readonly string[], name: string, value: string | number): readonly Issue[] {
  const amount = amountOf(name, value);
  if (name === 'memory') return (amount ?? 0) > 0 ? [] : [issueAt(path, value, MEMORY_RULE)];
  if (amount === undefined) return [issueAt(path, value, QUANTITY_RULE)];
  if (name === 'cpu') return amount > 0 ? [] : [issueAt(path, value, 'be above 0')];
  return amount >= 0 ? [] : [issueAt(path, value, 'be at least 0')];
}

function requestWithinLimit(
  path: readonly string[],
  request: string | number | undefined,
  limit: string | number | undefined,
): readonly Issue[] {
  if (request === undefined || limit === undefined) return [];
  const name = path.at(-1) ?? '';
  const [asked, allowed] = [amountOf(name, request), amountOf(name, limit)];
  const fits = asked === undefined || allowed === undefined || asked <= allowed;
  return fits ? [] : [issueAt(path, request, `be at most the limit, ${JSON.stringify(limit)}`)];
}

function amountOf(name: string, value: string | number): number | undefined {
  return name === 'memory' ? parseResourceMemory(String(value)) : parseQuantity(value);
}

function validateReplicas(
  component: Component,
  replicas: number | undefined,
  conf: FlatConfiguration,
): readonly Issue[] {
  if (replicas === undefined) return [];
  const path = ['spec', component, 'replicas'];
  if (replicas < 1) return [issueAt(path, replicas, 'be at least 1')];
  if (component === 'taskManager' || replicas === 1 || isHighAvailability(conf)) return [];
  return [issueAt(path, replicas, 'be 1 unless high-availability.type is set in spec.flinkConfiguration')];
}
