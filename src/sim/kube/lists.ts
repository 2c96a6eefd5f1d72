import type { KubeObject } from '../../kube/object.ts';
import type { ObjectStore } from './object-store.ts';
import { Refusal } from './refusal.ts';
import type { Selector } from './selector.ts';
import type { SimKind } from './sim-kinds.ts';

/** Which objects of a kind a list asks for. */
export interface ListQuery {
  readonly kind: SimKind;
  readonly namespace: string | undefined;
  readonly selector: Selector | undefined;
  /** Objects per page; all unless given. */
  readonly limit?: number | undefined;
  readonly continueToken?: string | undefined;
  /** Answers as of this revision instead of the present one; only a fault asks for that. */
  readonly revision?: number | undefined;
}

interface Token {
  readonly revision: number;
  /** Key after which the next page begins. */
  readonly after: string;
}

/** GET on a collection: one page, all pages of one revision. Throws 410 when that revision was compacted away. */
export function listPage(store: ObjectStore, query: ListQuery): object {
  const token = query.continueToken === undefined ? undefined : parseToken(query.continueToken);
  const revision = token?.revision ?? query.revision ?? store.revision;
  const all = store.at(query.kind.key, revision);
  if (all === undefined) {
    throw new Refusal(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    );
  }
  const wanted = all.filter(
    (object) => isAsked(query, object) && (token === undefined || sortKey(object) > token.after),
  );
  const items = query.limit === undefined || query.limit === 0 ? wanted : wanted.slice(0, query.limit);
  const last = items.at(-1);
  const more = last !== undefined && items.length < wanted.length;
  const { apiVersion, kind } = query.kind;
  return {
    kind: `${kind}List`,
    apiVersion,
    metadata: {
      resourceVersion: String(revision),
      ...(more ? { continue: tokenText({ revision, after: sortKey(last) }) } : {}),
      ...(more && query.selector === undefined ? { remainingItemCount: wanted.length - items.length } : {}),
    },
    items: query.kind.builtIn ? items.map(withoutType) : items,
  };
}

/** Whether an object is in the namespace and selected. */
export function isAsked(
  { namespace, selector }: Pick<ListQuery, 'namespace' | 'selector'>,
  object: KubeObject,
): boolean {
  return (namespace === undefined || object.metadata.namespace === namespace) && (selector?.(object) ?? true);
}

function sortKey({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Items of built-in kinds come without apiVersion and kind. */
export function withoutType({ apiVersion: _apiVersion, kind: _kind, ...item }: KubeObject): object {
  return item;
}

function tokenText(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function parseToken(text: string): Token {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as Token;
  } catch {
    throw new Refusal(400, 'BadRequest', `continue key is not valid: ${text}`);
  }
}
