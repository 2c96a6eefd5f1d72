import type { KubeObject } from './object.ts';

/** An object of which only the metadata is read. */
export function withoutBody({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata };
}

/** An object of which only metadata and status are read, as pods are. */
export function withoutSpec({ apiVersion, kind, metadata, status }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata, status };
}
