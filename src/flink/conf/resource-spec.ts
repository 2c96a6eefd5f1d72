import { parseQuantity } from '../../kube/quantity.ts';
import { formatMemorySize, parseMemorySize } from '../../lib/memory-size.ts';
import type { FlinkResource, FlinkResourceRequirements } from '../schema.ts';

/** What a spec says of one component's pods; what it does not say is absent. */
export interface ResourceSpec {
  /** Bytes of the process, and the field that says it. */
  readonly memory?: { readonly bytes: number; readonly text: string; readonly field: string };
  readonly cpu?: { readonly cores: number; readonly field: string };
  /** Limit as a multiple of the request. */
  readonly memoryLimitFactor?: number;
  readonly cpuLimitFactor?: number;
  /** Resources Flink has no option for: they go to the main container of the pod template. */
  readonly others: { readonly requests: Amounts; readonly limits: Amounts };
}

type Amounts = Readonly<Record<string, string | number>>;

interface ComponentSpec {
  readonly resource?: FlinkResource | undefined;
  readonly resources?: FlinkResourceRequirements | undefined;
}

/**
 * Bytes of a memory text: a Flink memory size if it is one (`2048m`, `1 gb`), else a Kubernetes quantity in any case,
 * with or without a B (`2Gi`, `512 mib`). So `2048m` is 2048 MiB and `1G` is 1 GiB (incumbent: ResourceConfigUtils).
 */
export function parseResourceMemory(text: string): number | undefined {
  const bytes = parseMemorySize(text);
  if (bytes !== undefined) return bytes;
  const upper = text.replace(/\s/g, '').toUpperCase().replace(/B$/, '');
  const amount = parseQuantity(upper.endsWith('I') ? `${upper.slice(0, -1)}i` : upper);
  return amount === undefined || amount < 0 ? undefined : Math.floor(amount);
}

/** Resources of `spec.jobManager` or `spec.taskManager`: `resources` when it has any amount, else `resource`. */
export function resourceSpec(component: ComponentSpec | undefined, path: string): ResourceSpec {
  const { resource, resources } = component ?? {};
  const hasAmounts = Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0;
  if (resources !== undefined && hasAmounts) return fromRequirements(resources, `${path}.resources`);
  return resource === undefined ? { others: { requests: {}, limits: {} } } : fromResource(resource, `${path}.resource`);
}

function fromResource(resource: FlinkResource, path: string): ResourceSpec {
  const storage = resource.ephemeralStorage?.trim();
  const others = storage ? { 'ephemeral-storage': storage } : {};
  return {
    ...memoryOf(resource.memory, `${path}.memory`),
    ...cpuOf(resource.cpu, `${path}.cpu`),
    others: { requests: others, limits: others },
  };
}

function fromRequirements(resources: FlinkResourceRequirements, path: string): ResourceSpec {
  const requests = resources.requests ?? {};
  const limits = resources.limits ?? {};
  const fieldOf = (name: string): string => `${path}.${Object.hasOwn(requests, name) ? 'requests' : 'limits'}.${name}`;
  return {
    ...memoryOf(requests.memory ?? limits.memory, fieldOf('memory')),
    ...cpuOf(requests.cpu ?? limits.cpu, fieldOf('cpu')),
    ...factor('memoryLimitFactor', amountOf(limits.memory), amountOf(requests.memory)),
    ...factor('cpuLimitFactor', coresOf(limits.cpu), coresOf(requests.cpu)),
    others: { requests: withoutCpuAndMemory(requests), limits: withoutCpuAndMemory(limits) },
  };
}

type Amount = string | number | undefined;

function memoryOf(value: Amount, field: string): Pick<ResourceSpec, 'memory'> {
  const bytes = amountOf(value);
  if (bytes === undefined) return {};
  const text = String(value).trim();
  return { memory: { bytes, text: parseMemorySize(text) === undefined ? formatMemorySize(bytes) : text, field } };
}

function cpuOf(value: Amount, field: string): Pick<ResourceSpec, 'cpu'> {
  const cores = coresOf(value);
  return cores === undefined ? {} : { cpu: { cores, field } };
}

function amountOf(value: Amount): number | undefined {
  return value === undefined ? undefined : parseResourceMemory(String(value));
}

function coresOf(value: Amount): number | undefined {
  return value === undefined ? undefined : parseQuantity(value);
}

function factor(
  name: 'memoryLimitFactor' | 'cpuLimitFactor',
  limit: number | undefined,
  request: number | undefined,
): Pick<ResourceSpec, 'memoryLimitFactor' | 'cpuLimitFactor'> {
  return limit === undefined || request === undefined || request <= 0 ? {} : { [name]: limit / request };
}

function withoutCpuAndMemory(amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => name !== 'cpu' && name !== 'memory'));
}
