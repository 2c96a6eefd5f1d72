import type { KindRef } from '../../core/ports.ts';
import { describeRef, type KubeObject, keyOf, type ObjectRef, refOf } from '../../kube/object.ts';
import type { KubeAccess } from './access.ts';
import type { Backend, Target } from './backend.ts';
import { deleteObject } from './deletion.ts';
import { applyObject, createObject, patchObject, replaceObject } from './operations.ts';
import { asKubeError } from './refusal.ts';
import { hasAll } from './selector.ts';

/** Unrestricted access to a backend, writing as the given field manager (undefined: fields are not tracked). */
export function createAccess(backend: Backend, manager: string | undefined): KubeAccess {
  const { store } = backend;
  const targetOf = (ref: ObjectRef, subresource?: string): Target => ({
    kind: backend.kinds.of(ref),
    key: keyOf(ref),
    subresource,
    manager,
  });
  const listing = (kind: KindRef, namespace: string | undefined): readonly KubeObject[] =>
    store.list(backend.kinds.of(kind).key).flatMap(({ object }) => {
      return namespace === undefined || object.metadata.namespace === namespace ? [object] : [];
    });
  return {
    get: (ref) => store.get(backend.kinds.of(ref).key, keyOf(ref))?.object,
    list: (kind, namespace, labels = {}) =>
      listing(kind, namespace).filter(({ metadata }) => hasAll(metadata.labels, labels)),
    create: (object) =>
      asked('create', object, () => createObject(backend, { kind: backend.kinds.of(object), manager }, object)),
    replace: (object, subresource) =>
      asked('replace', object, () => replaceObject(backend, targetOf(refOf(object), subresource), object)),
    patch: (ref, patch, subresource) =>
      askedOf('patch', ref, () => patchObject(backend, targetOf(ref, subresource), patch)),
    apply: (object, options) =>
      asked('apply', object, () => {
        const target = { ...targetOf(refOf(object)), manager: options.manager };
        return applyObject(backend, target, object, options.force ?? false).object;
      }),
    delete: (ref, options = {}) => void askedOf('delete', ref, () => deleteObject(backend, targetOf(ref), options)),
    watch(kind, namespace, listener) {
      const { key } = backend.kinds.of(kind);
      return store.onChange((change) => {
        if (change.kind !== key) return;
        if (namespace === undefined || change.object.metadata.namespace === namespace) listener(change);
      });
    },
  };
}

function asked<T>(verb: string, object: KubeObject, act: () => T): T {
  return askedOf(verb, refOf(object), act);
}

function askedOf<T>(verb: string, ref: ObjectRef, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw asKubeError(`${verb} ${describeRef(ref)}`, error);
  }
}
