import { expect } from 'vitest';
import type { KubeObject } from '../../../kube/object.ts';
import { KubeError } from '../../../runtime/classify-failure.ts';
import type { KubeClient, KubeRequest } from '../../../runtime/kube-client.ts';
import { createLineReader } from '../../../runtime/line-reader.ts';
import { THING } from '../../../runtime/testing/objects.ts';

/**
 * An API server with the namespaces `a` and `b`, the kind Thing, the controllers for garbage, namespaces, quotas,
 * Deployments and ReplicaSets, and no node.
 */
export interface ContractServer {
  readonly admin: KubeClient;
  /** The service account weir/weir with the operator's rights. */
  readonly operator: KubeClient;
  /** Asks until the check throws no more, while the server's time goes on. Throws what it threw last. */
  until<T>(check: () => Promise<T>): Promise<T>;
  /** From now on the server remembers nothing of what was before; a real one forgets by itself. */
  forget(): void;
  stop(): Promise<void>;
}

/** A line of a watch. */
export interface WatchLine {
  readonly type: string;
  readonly object: KubeObject;
}

/** Where things are: namespace `a` unless told otherwise. */
export const THINGS = '/apis/test.weir.dev/v1/namespaces/a/things';
export const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';
export const PODS = '/api/v1/namespaces/a/pods';
export const SERVICES = '/api/v1/namespaces/a/services';
export const DEPLOYMENTS = '/apis/apps/v1/namespaces/a/deployments';

const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** Requests in the few words the cases need. */
export class Requests {
  private readonly client: KubeClient;

  constructor(client: KubeClient) {
    this.client = client;
  }

  async get(path: string): Promise<KubeObject> {
    return (await this.client.request({ method: 'GET', path })) as KubeObject;
  }

  async list(path: string, query: KubeRequest['query'] = {}): Promise<List> {
    return (await this.client.request({ method: 'GET', path, query })) as List;
  }

  async create(path: string, body: unknown, manager = 'creator'): Promise<KubeObject> {
    const query = { fieldManager: manager };
    return (await this.client.request({ method: 'POST', path, body, query })) as KubeObject;
  }

  async patch(path: string, body: unknown, manager = 'patcher'): Promise<KubeObject> {
    const query = { fieldManager: manager };
    return (await this.client.request({ method: 'PATCH', path, body, contentType: MERGE, query })) as KubeObject;
  }

  async replace(path: string, body: unknown, manager = 'replacer'): Promise<KubeObject> {
    return (await this.client.request({ method: 'PUT', path, body, query: { fieldManager: manager } })) as KubeObject;
  }

  async apply(path: string, body: unknown, options: ApplyQuery = {}): Promise<KubeObject> {
    const query = { fieldManager: options.manager ?? 'applier', force: options.force ?? false };
    return (await this.client.request({ method: 'PATCH', path, body, contentType: APPLY, query })) as KubeObject;
  }

  async delete(path: string, body: unknown = {}): Promise<KubeObject> {
    return (await this.client.request({ method: 'DELETE', path, body })) as KubeObject;
  }

  /** Follows a collection; `lines` grows, `ended` turns true. */
  async watch(path: string, query: KubeRequest['query'] = {}): Promise<Watching> {
    const stream = await this.client.stream({ method: 'GET', path, query: { watch: true, ...query } });
    const watching = { lines: [] as WatchLine[], ended: false, stop: () => stream.destroy() };
    const reader = createLineReader();
    const follow = async (): Promise<void> => {
      for await (const chunk of stream) {
        for (const line of reader.push(chunk)) watching.lines.push(JSON.parse(line) as WatchLine);
      }
    };
    void follow()
      .catch(() => undefined) // an end is an end, however it comes
      .then(() => {
        watching.ended = true;
      });
    return watching;
  }
}

/** A collection as the server answers it. */
export interface List {
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubeObject[];
}

interface ApplyQuery {
  readonly manager?: string;
  readonly force?: boolean;
}

/** A watch under way. */
export interface Watching {
  readonly lines: readonly WatchLine[];
  readonly ended: boolean;
  stop(): void;
}

/** How a request was refused; undefined when it was not. */
export async function refusalOf(request: Promise<unknown>): Promise<{ status?: number; reason?: string } | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const { status, reason } = error;
    return { ...(status === undefined ? {} : { status }), ...(reason === undefined ? {} : { reason }) };
  }
}

/** What a refused request says; fails the case when it is not refused. */
export async function messageOf(request: Promise<unknown>): Promise<string> {
  try {
    await request;
  } catch (error) {
    if (error instanceof KubeError) return error.failure.message;
    throw error;
  }
  throw new Error('the request was not refused');
}

/** 400. */
export const BAD_REQUEST = { status: 400, reason: 'BadRequest' };
/** 404 for what is not there. */
export const NOT_FOUND = { status: 404, reason: 'NotFound' };
/** 409 for what has changed. */
export const CONFLICT = { status: 409, reason: 'Conflict' };
/** 422 for a field with a value it may not have. */
export const INVALID = { status: 422, reason: 'Invalid' };
/** 403. */
export const FORBIDDEN = { status: 403, reason: 'Forbidden' };

/** A thing in namespace `a`. */
export function thing(name: string, spec: object = {}, metadata: object = {}): KubeObject {
  return { ...THING, metadata: { name, namespace: 'a', ...metadata }, spec };
}

/** A ConfigMap in namespace `a`. */
export function configMap(name: string, data: object = {}, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'a', ...metadata }, data };
}

/** A pod of one container in namespace `a`. */
export function pod(name: string, metadata: object = {}, container: object = {}): KubeObject {
  const containers = [{ name: 'main', image: 'none', ...container }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'a', ...metadata }, spec: { containers } };
}

/** A Deployment of one replica in namespace `a`, whose pods are labelled with its name. */
export function deployment(name: string, container: object = {}, spec: object = {}): KubeObject {
  const labels = { app: name };
  const containers = [{ name: 'main', image: 'none', ...container }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'a' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } }, ...spec },
  };
}

/** A reference to an owner. */
export function owned(owner: KubeObject, block = true): object {
  const { apiVersion, kind, metadata } = owner;
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid, blockOwnerDeletion: block };
  return { ownerReferences: [reference] };
}

/** Fails until there is nothing at a path. */
export async function isGone(requests: Requests, path: string): Promise<void> {
  expect(await refusalOf(requests.get(path))).toEqual(NOT_FOUND);
}
