import { canonicalQuantities } from '../../kube/quantity.ts';
import type { PodTemplate } from '../../kube/schema-parts.ts';
import { isRecord } from '../../lib/json.ts';
import { MAIN_CONTAINER } from '../conf/pod-templates.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What Flink puts into the main container; where the template says otherwise, this wins, except as noted. */
export interface MainContainer {
  /** Undefined: the template's, else `defaultImage`. */
  readonly image: string | undefined;
  readonly defaultImage: string;
  /** Undefined: the template's, else IfNotPresent. */
  readonly imagePullPolicy: string | undefined;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly Fields[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
  readonly volumeMounts: readonly Fields[];
  /** Taken when the template has none. */
  readonly startupProbe?: Fields;
}

/** What Flink puts into a pod. */
export interface GeneratedPod {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Undefined: the template's, else Kubernetes' own default. */
  readonly serviceAccountName: string | undefined;
  readonly hostNetwork: boolean;
  readonly imagePullSecrets: readonly Fields[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Fields[];
  readonly volumes: readonly Fields[];
  readonly main: MainContainer;
}

/**
 * A pod template of a Deployment: the user's template with Flink's fields laid over it, as Flink's decorators do it
 * (its documentation, "Pod Template", has the table of what wins). Unlike there, nothing occurs twice in a list: of two
 * entries with one key (name, mount path, port) Flink's stays, since server-side apply refuses doubles.
 */
export function podTemplateSpec(template: PodTemplate, generated: GeneratedPod): Fields {
  const metadata: Fields = isRecord(template.metadata) ? template.metadata : {};
  return {
    metadata: {
      labels: { ...textMapOf(metadata.labels), ...generated.labels },
      annotations: { ...textMapOf(metadata.annotations), ...generated.annotations },
    },
    spec: podSpec(isRecord(template.spec) ? template.spec : {}, generated),
  };
}

function podSpec(template: Fields, generated: GeneratedPod): Fields {
  // A Deployment's pods always restart; the deprecated alias would fight with serviceAccountName.
  const { restartPolicy: _policy, serviceAccount: alias, ...rest } = template;
  const containers = listOf(rest.containers);
  const main = containers.find((container) => container.name === MAIN_CONTAINER) ?? {};
  const others = containers.filter((container) => container.name !== MAIN_CONTAINER);
  return {
    ...rest,
    ...optional('serviceAccountName', generated.serviceAccountName ?? rest.serviceAccountName ?? alias),
    ...(generated.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...filled('imagePullSecrets', combined(listOf(rest.imagePullSecrets), generated.imagePullSecrets, 'name')),
    ...filledMap('nodeSelector', { ...textMapOf(rest.nodeSelector), ...generated.nodeSelector }),
    ...filled('tolerations', [...listOf(rest.tolerations), ...generated.tolerations]),
    ...filled('volumes', combined(listOf(rest.volumes), generated.volumes, 'name')),
    ...filled('initContainers', listOf(rest.initContainers).map(normalised)),
    containers: [...others, mainContainer(main, generated.main)].map(normalised),
  };
}

function mainContainer(template: Fields, main: MainContainer): Fields {
  const resources: Fields = isRecord(template.resources) ? template.resources : {};
  return {
    ...template,
    name: MAIN_CONTAINER,
    image: main.image ?? template.image ?? main.defaultImage,
    imagePullPolicy: main.imagePullPolicy ?? template.imagePullPolicy ?? 'IfNotPresent',
    command: main.command,
    args: main.args,
    ...filled('env', combined(listOf(template.env), main.env, 'name')),
    ...filled('ports', combinedPorts(listOf(template.ports), main.ports)),
    resources: {
      ...resources,
      requests: { ...(isRecord(resources.requests) ? resources.requests : {}), ...main.requests },
      limits: { ...(isRecord(resources.limits) ? resources.limits : {}), ...main.limits },
    },
    ...filled('volumeMounts', combined(listOf(template.volumeMounts), main.volumeMounts, 'mountPath')),
    ...optional('startupProbe', template.startupProbe ?? main.startupProbe),
  };
}

function combinedPorts(template: readonly Fields[], own: readonly Fields[]): readonly Fields[] {
  const taken = (port: Fields): boolean =>
    own.some((other) => other.name === port.name || other.containerPort === port.containerPort);
  return [...template.filter((port) => !taken(port)), ...own];
}

function combined(template: readonly Fields[], own: readonly Fields[], key: string): readonly Fields[] {
  const keys = new Set(own.map((item) => item[key]));
  return [...template.filter((item) => !keys.has(item[key])), ...own];
}

/** A container as the API server stores it: quantities in stored form, ports with their protocol. */
function normalised(container: Fields): Fields {
  const resources = isRecord(container.resources) ? container.resources : undefined;
  return {
    ...container,
    ...(resources === undefined ? {} : { resources: normalisedResources(resources) }),
    ...filled(
      'ports',
      listOf(container.ports).map((port) => ({ ...port, protocol: port.protocol ?? 'TCP' })),
    ),
  };
}

function normalisedResources(resources: Fields): Fields {
  return Object.fromEntries(
    Object.entries(resources).map(([kind, amounts]) => [
      kind,
      isRecord(amounts) ? canonicalQuantities(amounts as Record<string, string | number>) : amounts,
    ]),
  );
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textMapOf(value: unknown): Record<string, string> {
  return isRecord(value) ? (value as Record<string, string>) : {};
}

function optional(name: string, value: unknown): Fields {
  return value === undefined ? {} : { [name]: value };
}

function filled(name: string, list: readonly Fields[]): Fields {
  return list.length === 0 ? {} : { [name]: list };
}

function filledMap(name: string, map: Readonly<Record<string, string>>): Fields {
  return Object.keys(map).length === 0 ? {} : { [name]: map };
}
