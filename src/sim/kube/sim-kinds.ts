import type { KindRef } from '../../core/ports.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { type KindInfo, kindKey } from '../../runtime/kinds.ts';
import { NotSimulated, Refusal } from './refusal.ts';

/** What the simulated server knows of a kind. */
export interface SimKind extends KindInfo {
  /** `apps/v1/Deployment`. */
  readonly key: string;
  /** `deployments.apps`, as messages call it. */
  readonly resource: string;
  readonly group: string;
  /** Status is written through its own path only. */
  readonly status: boolean;
  /**
   * When metadata.generation grows: `body` whenever anything besides metadata and status changes, `body-or-annotations`
   * as Deployments do, `never` for kinds without.
   */
  readonly generation: 'body' | 'body-or-annotations' | 'never';
  /** A built-in kind, whose lists have known merge keys; lists of a custom resource are atomic. */
  readonly builtIn: boolean;
  /** DELETE answers with the object also when it is gone at once (ReturnDeletedObject of its storage). */
  readonly returnsDeleted: boolean;
}

type Traits = Partial<Pick<SimKind, 'status' | 'generation' | 'namespaced' | 'returnsDeleted'>>;

function simKind(apiVersion: string, kind: string, plural: string, traits: Traits & { builtIn: boolean }): SimKind {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  return {
    apiVersion,
    kind,
    plural,
    group,
    key: `${apiVersion}/${kind}`,
    resource: group === '' ? plural : `${plural}.${group}`,
    namespaced: traits.namespaced ?? true,
    status: traits.status ?? false,
    generation: traits.generation ?? 'never',
    returnsDeleted: traits.returnsDeleted ?? false,
    builtIn: traits.builtIn,
  };
}

const CRD = simKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
  builtIn: true,
  namespaced: false,
  generation: 'body',
  status: true,
});

const BUILT_IN: readonly (readonly [string, string, string, Traits])[] = [
  ['v1', 'Namespace', 'namespaces', { namespaced: false, status: true }],
  ['v1', 'Node', 'nodes', { namespaced: false, status: true }],
  ['v1', 'Pod', 'pods', { status: true, returnsDeleted: true }],
  ['v1', 'Service', 'services', { status: true, returnsDeleted: true }],
  ['v1', 'ConfigMap', 'configmaps', {}],
  ['v1', 'Secret', 'secrets', {}],
  ['v1', 'Event', 'events', {}],
  ['v1', 'ServiceAccount', 'serviceaccounts', { returnsDeleted: true }],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', { status: true, returnsDeleted: true }],
  ['v1', 'ResourceQuota', 'resourcequotas', { status: true, returnsDeleted: true }],
  ['v1', 'LimitRange', 'limitranges', {}],
  ['apps/v1', 'Deployment', 'deployments', { status: true, generation: 'body-or-annotations' }],
  ['apps/v1', 'ReplicaSet', 'replicasets', { status: true, generation: 'body' }],
  ['policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { status: true, generation: 'body' }],
  ['networking.k8s.io/v1', 'Ingress', 'ingresses', { status: true, generation: 'body' }],
  ['coordination.k8s.io/v1', 'Lease', 'leases', {}],
];

/** A custom resource kind with status subresource. */
export function customKind(info: KindInfo, status = true): SimKind {
  const { apiVersion, kind, plural, namespaced } = info;
  return simKind(apiVersion, kind, plural, { builtIn: false, namespaced, status, generation: 'body' });
}

/** The kinds a server serves; it learns more when their definitions are created. */
export interface SimKinds {
  /** Throws NotSimulated for a kind the server does not serve. */
  of(ref: KindRef): SimKind;
  /** By group and version (`apps/v1`) and plural; undefined when not served. */
  atPath(apiVersion: string, plural: string): SimKind | undefined;
  all(): readonly SimKind[];
  add(kind: SimKind): void;
}

/** The built-in kinds and the given ones. */
export function createSimKinds(custom: readonly SimKind[]): SimKinds {
  const byKey = new Map<string, SimKind>();
  const byPath = new Map<string, SimKind>();
  const add = (kind: SimKind): void => {
    byKey.set(kind.key, kind);
    byPath.set(`${kind.apiVersion}/${kind.plural}`, kind);
  };
  for (const [apiVersion, kind, plural, traits] of BUILT_IN) {
    add(simKind(apiVersion, kind, plural, { ...traits, builtIn: true }));
  }
  add(CRD);
  for (const kind of custom) add(kind);
  return {
    of(ref) {
      const found = byKey.get(kindKey(ref));
      if (found === undefined) throw new NotSimulated(`${kindKey(ref)} is not among the kinds of the simulation`);
      return found;
    },
    atPath: (apiVersion, plural) => byPath.get(`${apiVersion}/${plural}`),
    all: () => [...byKey.values()],
    add,
  };
}

/** The kinds a CustomResourceDefinition defines, one for each served version. */
export function definedKinds(definition: KubeObject): readonly SimKind[] {
  const { group, names, scope, versions } = (definition.spec ?? {}) as Record<string, unknown>;
  if (typeof group !== 'string' || !isRecord(names) || !Array.isArray(versions)) {
    throw new Refusal(
      422,
      'Invalid',
      'CustomResourceDefinition is invalid: spec: group, names and versions are needed',
    );
  }
  return versions
    .filter((version) => isRecord(version) && version.served === true)
    .map((version) =>
      customKind(
        {
          apiVersion: `${group}/${version.name}`,
          kind: String(names.kind),
          plural: String(names.plural),
          namespaced: scope === 'Namespaced',
        },
        isRecord(version.subresources) && version.subresources.status !== undefined,
      ),
    );
}
