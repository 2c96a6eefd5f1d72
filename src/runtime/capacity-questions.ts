import type { NodeFacts, PodFacts } from '../core/capacity/nodes.ts';
import { autoscalerOf, limitRangeFacts, nodeFacts, podFacts, quotaFacts } from '../core/capacity/read.ts';
import type { Autoscaler, ClusterCapacity } from '../core/capacity/survey.ts';
import { absent, type Fact, known, knownValue, unknown } from '../core/fact.ts';
import { FailureError } from '../core/failure.ts';
import type { KindRef } from '../core/ports.ts';
import type { Access } from '../core/reconciler.ts';
import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { KubeError } from './classify-failure.ts';
import type { KindInfo } from './kinds.ts';
import type { KubeClient, KubeRequest } from './kube-client.ts';
import { sleep, type Time } from './time.ts';

const NODE = { apiVersion: 'v1', kind: 'Node' } as const;
const POD = { apiVersion: 'v1', kind: 'Pod' } as const;
const QUOTA = { apiVersion: 'v1', kind: 'ResourceQuota' } as const;
const LIMIT_RANGE = { apiVersion: 'v1', kind: 'LimitRange' } as const;
/** Where cluster-autoscaler tells how it stands. */
const AUTOSCALER_STATUS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'kube-system',
  name: 'cluster-autoscaler-status',
} as const;
const NODE_POOL = { apiVersion: 'karpenter.sh/v1', kind: 'NodePool' } as const;

/** Kinds a survey reads that nothing else does. */
export const CAPACITY_KINDS: readonly KindInfo[] = [
  { ...NODE, plural: 'nodes', namespaced: false },
  { ...QUOTA, plural: 'resourcequotas', namespaced: true },
  { ...LIMIT_RANGE, plural: 'limitranges', namespaced: true },
  { ...NODE_POOL, plural: 'nodepools', namespaced: false },
];

/** Rights a survey uses. Without them nothing is refused: what cannot be read is unknown, and said so. */
export const CAPACITY_ACCESS: readonly Access[] = [
  {
    group: '',
    resources: ['nodes'],
    verbs: ['list'],
    why: 'say before a start whether its pods fit the nodes',
    clusterOnly: true,
  },
  { group: '', resources: ['pods'], verbs: ['list'], why: 'know what the pods that run request' },
  {
    group: '',
    resources: ['resourcequotas', 'limitranges'],
    verbs: ['list'],
    why: 'say before a start whether quotas and limits allow its pods',
  },
  {
    group: 'karpenter.sh',
    resources: ['nodepools'],
    verbs: ['list'],
    why: 'know whether Karpenter may add nodes for a start',
    clusterOnly: true,
  },
  {
    group: '',
    resources: ['configmaps'],
    names: [AUTOSCALER_STATUS.name],
    verbs: ['list'],
    why: 'know whether cluster-autoscaler may add nodes for a start',
    clusterOnly: true,
  },
];

/** Limit of everything that one question takes. */
const TIMEOUT_MS = 30_000;

/** What a survey is made with. */
export interface CapacitySurveyOptions {
  readonly client: Pick<KubeClient, 'request' | 'kinds'>;
  readonly time: Time;
}

/** What is true of the whole cluster, whatever the namespace. */
export interface ClusterPart {
  readonly takenAt: number;
  readonly nodes: Fact<readonly NodeFacts[]>;
  readonly pods: Fact<readonly PodFacts[]>;
  readonly autoscaler: Fact<Autoscaler>;
}

/** A signal that aborts when a question has taken too long, or with any of the others; `cancel` ends the waiting. */
export function limited(time: Time, others: readonly AbortSignal[]): { signal: AbortSignal; cancel: () => void } {
  const limit = new AbortController();
  const cancel = time.after(TIMEOUT_MS, () => limit.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  return { signal: AbortSignal.any([limit.signal, ...others]), cancel };
}

/** The part that is the same for all namespaces. Never rejects. */
export async function askCluster(options: CapacitySurveyOptions, signal: AbortSignal): Promise<ClusterPart> {
  const [nodes, pods, nodePools, status] = await Promise.all([
    list(options, NODE, { signal, of: nodeFacts }),
    list(options, POD, { signal, of: podFacts, query: LIVE }),
    list(options, NODE_POOL, { signal, of: (pool) => pool.metadata.name }),
    autoscalerStatus(options, signal),
  ]);
  return { takenAt: options.time.now(), nodes, pods, autoscaler: autoscalerFact(nodes, nodePools, status) };
}

/** What one sees is believed; that there is none only when everything could be looked at. */
function autoscalerFact(
  nodes: Fact<readonly NodeFacts[]>,
  nodePools: Fact<readonly string[]>,
  status: Fact<string>,
): Fact<Autoscaler> {
  const found = autoscalerOf({
    nodePools: knownValue(nodePools)?.length ?? 0,
    status: knownValue(status),
    nodes: knownValue(nodes) ?? [],
  });
  if (found !== undefined) return known(found);
  const unread = [nodes, nodePools, status].find((fact) => fact.kind === 'unknown');
  return unread ?? absent;
}

/** The whole, for one namespace. Never rejects. */
export async function askNamespace(
  options: CapacitySurveyOptions,
  namespace: string,
  cluster: ClusterPart,
  signal: AbortSignal,
): Promise<ClusterCapacity> {
  const [quotas, limitRanges, ownPods] = await Promise.all([
    list(options, QUOTA, { signal, of: quotaFacts, namespace }),
    list(options, LIMIT_RANGE, { signal, of: limitRangeFacts, namespace }),
    cluster.pods.kind === 'known'
      ? known(cluster.pods.value.filter((pod) => pod.namespace === namespace))
      : list(options, POD, { signal, of: podFacts, query: LIVE, namespace }),
  ]);
  return { ...cluster, namespace, takenAt: options.time.now(), quotas, limitRanges, ownPods };
}

type Question = KubeRequest & { readonly signal: AbortSignal };

const PAGE_SIZE = 500;

/** Pods that have ended hold nothing. */
const LIVE = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' } as const;

interface Listing<T> {
  readonly signal: AbortSignal;
  /** What is kept of an object; undefined drops it. */
  readonly of: (object: KubeObject) => T | undefined;
  readonly query?: Readonly<Record<string, string>>;
  readonly namespace?: string;
}

/** All objects of a kind, page by page. A kind the server does not know has none. */
async function list<T>(
  options: CapacitySurveyOptions,
  kind: KindRef,
  { signal, of, query = {}, namespace }: Listing<T>,
): Promise<Fact<readonly T[]>> {
  const { client } = options;
  const kept: T[] = [];
  const path = client.kinds.collection(kind, namespace);
  const what = `list ${client.kinds.info(kind).plural}`;
  let token: string | undefined;
  try {
    do {
      const more = token === undefined ? {} : { continue: token };
      const asked = { limit: PAGE_SIZE, ...query, ...more };
      const page = await request(options, { method: 'GET', path, query: asked, what, signal });
      const { items, next } = pageOf(page);
      for (const item of items) {
        const value = of(item);
        if (value !== undefined) kept.push(value);
      }
      token = next;
    } while (token !== undefined);
    return known(kept);
  } catch (error) {
    return isMissing(error) ? known([]) : unreadable(error);
  }
}

function pageOf(page: unknown): { items: readonly KubeObject[]; next: string | undefined } {
  if (!isRecord(page)) return { items: [], next: undefined };
  const next = isRecord(page.metadata) ? page.metadata.continue : undefined;
  const items = Array.isArray(page.items) ? (page.items as readonly KubeObject[]) : [];
  return { items, next: typeof next === 'string' && next !== '' ? next : undefined };
}

/** data.status of the ConfigMap in which cluster-autoscaler tells how it stands; absent where there is none. */
async function autoscalerStatus(options: CapacitySurveyOptions, signal: AbortSignal): Promise<Fact<string>> {
  const { name, namespace } = AUTOSCALER_STATUS;
  const query = { fieldSelector: `metadata.name=${name}` };
  const found = await list(options, AUTOSCALER_STATUS, { signal, of: autoscalerText, query, namespace });
  if (found.kind !== 'known') return found;
  const [status] = found.value;
  return status === undefined ? absent : known(status);
}

function autoscalerText({ data }: KubeObject): string {
  return isRecord(data) ? String(data.status ?? '') : '';
}

/** Between two tries of the same request. */
const RETRY_MS = 1_000;

/**
 * Asks again for as long as the whole question may take, when an answer was only lost or the server is busy: what is unknown
 * opens the gate, and must not be so by a moment's bad luck.
 */
async function request({ client, time }: CapacitySurveyOptions, asked: Question): Promise<unknown> {
  for (;;) {
    try {
      return await client.request(asked);
    } catch (error) {
      if (!(error instanceof FailureError && error.failure.kind === 'transient')) throw error;
      if (isMissing(error) || asked.signal.aborted) throw error;
      await sleep(time, RETRY_MS, asked.signal);
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

function unreadable(error: unknown): Fact<never> {
  return unknown(error instanceof Error ? error.message : String(error));
}
