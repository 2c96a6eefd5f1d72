import { triplesOf } from '../../core/access.ts';
import type { Access } from '../../core/reconciler.ts';
import { Refusal } from './refusal.ts';
import type { SimKind } from './sim-kinds.ts';

/** One thing asked of the API server, in the words of RBAC. */
export interface Asked {
  readonly verb: Access['verbs'][number];
  readonly kind: SimKind;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Somebody the API server knows. */
export interface Identity {
  /** As RBAC names it: `system:serviceaccount:weir:weir`. */
  readonly user: string;
  /** Throws 403 for what it may not do. */
  check(asked: Asked): void;
}

/** May do everything. */
export const administrator: Identity = { user: 'kubernetes-admin', check: () => {} };

/** May do what the rules say, in all namespaces. `onViolation` is told of everything else. */
export function limitedTo(
  user: string,
  access: readonly Access[],
  onViolation: (message: string) => void = () => {},
): Identity {
  const allowed = new Set(triplesOf(access.filter(({ names }) => names === undefined)));
  const allowedOf = (name: string): readonly string[] => triplesOf(access.filter(({ names }) => names?.includes(name)));
  return {
    user,
    check(asked) {
      const { kind, subresource, verb, name } = asked;
      const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`;
      const triple = `${kind.group}/${resource}/${verb}`;
      if (allowed.has(triple) || (name !== undefined && allowedOf(name).includes(triple))) return;
      const message = forbidden(user, asked, resource);
      onViolation(message);
      throw new Refusal(403, 'Forbidden', message);
    },
  };
}

function forbidden(user: string, { kind, verb, namespace, name }: Asked, resource: string): string {
  const what = name === undefined ? kind.resource : `${kind.resource} "${name}"`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${where}`;
}
