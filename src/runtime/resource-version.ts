const NUMBER = /^(0|[1-9][0-9]*)$/;

/**
 * Orders two resourceVersions of one kind: negative when `a` is older, 0 when equal, positive when newer; undefined when
 * they cannot be compared. Kubernetes defines them as decimal numbers of any length since 1.35; older servers gave the
 * same. Compared as text, since they may exceed 2^53.
 */
export function compareVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 0;
  if (!NUMBER.test(a) || !NUMBER.test(b)) return undefined;
  return a.length === b.length ? (a < b ? -1 : 1) : a.length - b.length;
}
