import type { Access } from './reconciler.ts';

/** One right as text, `apps/deployments/patch`; the group of core/v1 is empty, a subresource follows a slash. */
export type Triple = string;

/** Every right of these declarations, once, sorted. */
export function triplesOf(access: readonly Access[]): readonly Triple[] {
  const all = access.flatMap(({ group, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource}/${verb}`)),
  );
  return [...new Set(all)].sort();
}
