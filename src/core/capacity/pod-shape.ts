import { isRecord } from '../../lib/json.ts';
import { type Amounts, amountsOf, largest, NOTHING, plus } from './amounts.ts';
import { type Fields, fieldsOf, itemsOf, textOf } from './fields.ts';

/** One container's part in what a pod asks for. */
export interface ContainerShape {
  readonly name: string;
  /** `sidecar`: an init container that goes on running (restartPolicy Always, Kubernetes 1.28). */
  readonly kind: 'main' | 'init' | 'sidecar';
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** One requirement on a label, or on the node's name (matchFields metadata.name). */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
  readonly of: 'label' | 'field';
}

/** core/v1 Toleration, without the time. */
export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

/** Everything of a pod that decides where it may run and what it takes there. */
export interface PodShape {
  readonly containers: readonly ContainerShape[];
  /** spec.overhead, of the sandbox. */
  readonly overhead: Amounts;
  /** spec.resources: where it names cpu, memory or huge pages, it counts instead of the containers (Kubernetes 1.34). */
  readonly podLevel: { readonly requests: Amounts; readonly limits: Amounts };
  readonly nodeName: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Terms of the required node affinity, one of which a node must meet whole; undefined: every node does. */
  readonly nodeTerms: readonly (readonly NodeRequirement[])[] | undefined;
  readonly tolerations: readonly Toleration[];
  readonly priorityClassName: string | undefined;
  /** Has activeDeadlineSeconds: what quotas call Terminating. */
  readonly hasDeadline: boolean;
  /** Rules of the scheduler that this pod has and nobody here works out, in words. */
  readonly otherRules: readonly string[];
}

/** The shape of a pod from its spec (of a live pod, or of a template), read as the API server would: requests default to limits. */
export function podShapeOf(spec: unknown): PodShape {
  const pod = fieldsOf(spec);
  const level = fieldsOf(pod.resources);
  const affinity = fieldsOf(pod.affinity);
  return {
    containers: [
      ...itemsOf(pod.initContainers).map((container) => containerShape(container, initKind(container))),
      ...itemsOf(pod.containers).map((container) => containerShape(container, 'main')),
    ],
    overhead: amountsOf(pod.overhead),
    podLevel: { requests: amountsOf(level.requests), limits: amountsOf(level.limits) },
    nodeName: textOf(pod.nodeName),
    nodeSelector: textsOf(pod.nodeSelector),
    nodeTerms: nodeTermsOf(fieldsOf(affinity.nodeAffinity)),
    tolerations: itemsOf(pod.tolerations).map(tolerationOf),
    priorityClassName: textOf(pod.priorityClassName),
    hasDeadline: typeof pod.activeDeadlineSeconds === 'number',
    otherRules: otherRulesOf(pod, affinity),
  };
}

/** What the scheduler and quotas count as the pod's requests: Kubernetes' PodRequests, sidecars and overhead included. */
export function podRequests(shape: PodShape): Amounts {
  const own = sumOf(shape.containers, ({ requests }) => requests);
  return plus({ ...own, ...shape.podLevel.requests }, shape.overhead);
}

/** What quotas count as its limits: overhead counts only where there is a limit. */
export function podLimits(shape: PodShape): Amounts {
  const own: Amounts = { ...sumOf(shape.containers, ({ limits }) => limits), ...shape.podLevel.limits };
  return Object.fromEntries(
    Object.entries(own).map(([name, amount]) => [name, amount + (amount > 0 ? (shape.overhead[name] ?? 0) : 0)]),
  );
}

/** Sums as Kubernetes does: main containers and sidecars together, or the largest init container beside the sidecars before it. */
export function sumOf(containers: readonly ContainerShape[], of: (container: ContainerShape) => Amounts): Amounts {
  let [running, sidecars, init] = [NOTHING, NOTHING, NOTHING];
  for (const container of containers) {
    const amounts = of(container);
    if (container.kind !== 'init') running = plus(running, amounts);
    if (container.kind === 'sidecar') sidecars = plus(sidecars, amounts);
    if (container.kind !== 'main') init = largest(init, container.kind === 'init' ? plus(sidecars, amounts) : sidecars);
  }
  return largest(running, init);
}

function initKind(container: Fields): ContainerShape['kind'] {
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

function containerShape(container: Fields, kind: ContainerShape['kind']): ContainerShape {
  const resources = fieldsOf(container.resources);
  const limits = amountsOf(resources.limits);
  return {
    name: textOf(container.name) ?? '?',
    kind,
    requests: { ...limits, ...amountsOf(resources.requests) },
    limits,
  };
}

function nodeTermsOf(affinity: Fields): PodShape['nodeTerms'] {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  if (!isRecord(required)) return undefined;
  return itemsOf(required.nodeSelectorTerms).map((term) => [
    ...itemsOf(term.matchExpressions).map((item) => requirementOf(item, 'label')),
    ...itemsOf(term.matchFields).map((item) => requirementOf(item, 'field')),
  ]);
}

function requirementOf(item: Fields, of: NodeRequirement['of']): NodeRequirement {
  const values = Array.isArray(item.values) ? item.values.map(String) : [];
  return { key: textOf(item.key) ?? '', operator: textOf(item.operator) ?? '', values, of };
}

function tolerationOf({ key, operator, value, effect }: Fields): Toleration {
  return { key: textOf(key), operator: textOf(operator), value: textOf(value), effect: textOf(effect) };
}

function otherRulesOf(pod: Fields, affinity: Fields): readonly string[] {
  const required = (rules: unknown): boolean =>
    itemsOf(fieldsOf(rules).requiredDuringSchedulingIgnoredDuringExecution).length > 0;
  const spread = itemsOf(pod.topologySpreadConstraints).some((rule) => rule.whenUnsatisfiable === 'DoNotSchedule');
  const rules: readonly (readonly [boolean, string])[] = [
    [required(affinity.podAffinity), 'pod affinity'],
    [required(affinity.podAntiAffinity), 'pod anti-affinity'],
    [spread, 'topology spread'],
    [itemsOf(pod.resourceClaims).length > 0, 'resource claims'],
  ];
  return rules.filter(([there]) => there).map(([, name]) => name);
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([key, item]) => [key, String(item)]));
}
