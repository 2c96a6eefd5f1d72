import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
import type { KindInfo } from '../kinds.ts';
import { NAMESPACE_KIND } from '../watched-namespaces.ts';

/** Kinds the tests of the runtime use: a custom resource and a child. */
export const testKinds: readonly KindInfo[] = [
  { apiVersion: 'test.weir.dev/v1', kind: 'Thing', plural: 'things', namespaced: true },
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  NAMESPACE_KIND,
];

/** The kind of thing(). */
export const THING = { apiVersion: 'test.weir.dev/v1', kind: 'Thing' } as const;
/** The kind of pod(). */
export const POD = { apiVersion: 'v1', kind: 'Pod' } as const;
/** Where the fake API server keeps things and pods of namespace `a`. */
export const THINGS = '/apis/test.weir.dev/v1/namespaces/a/things';
/** See THINGS. */
export const PODS = '/api/v1/namespaces/a/pods';

/** A custom resource in namespace `a`. */
export function thing(
  name: string,
  metadata: Partial<ObjectMeta> = {},
  body: Record<string, unknown> = {},
): KubeObject {
  return { ...THING, metadata: { name, namespace: 'a', ...metadata }, ...body };
}

/** A child in namespace `a`, labelled `app=<name>` unless told otherwise. */
export function pod(name: string, metadata: Partial<ObjectMeta> = {}): KubeObject {
  return { ...POD, metadata: { name, namespace: 'a', labels: { app: name }, ...metadata } };
}
