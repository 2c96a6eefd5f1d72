import type { SourceHealth } from './caches.ts';

/** What /readyz says: JSON, with a reason in words for each thing that is not ready. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** Per watch: `missing` is a kind whose CRD is not installed, which does not make the process unready. */
  readonly watches: readonly {
    readonly kind: string;
    readonly namespace?: string;
    readonly synced: boolean;
    readonly missing: boolean;
    readonly lastEventAgeSeconds: number | null;
    readonly error?: string;
  }[];
}

/** Bookmarks come about once a minute and a silent watch is renewed after 100 s, so this long means cut off. */
const SILENT_TOO_LONG_MS = 300_000;

/**
 * Ready when every watch holds a whole list (or its kind is not installed), the server spoke within 5 minutes and there
 * are no other reasons against it.
 */
export function readinessOf(health: readonly SourceHealth[], others: readonly string[] = []): Readiness {
  const silent = health.flatMap((source) => {
    const name = source.namespace === undefined ? source.kind : `${source.kind} in ${source.namespace}`;
    if (source.missing) return [];
    if (!source.synced) return [`${name}: not listed yet${source.error ? ` (${source.error})` : ''}`];
    const silentMs = source.silentMs ?? 0;
    return silentMs > SILENT_TOO_LONG_MS ? [`${name}: nothing heard for ${Math.round(silentMs / 1000)} s`] : [];
  });
  const watches = health.map(({ kind, namespace, synced, missing, silentMs, error }) => ({
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    synced,
    missing,
    lastEventAgeSeconds: silentMs === undefined ? null : Math.round(silentMs / 100) / 10,
    ...(error === undefined ? {} : { error }),
  }));
  const reasons = [...silent, ...others];
  return { ready: reasons.length === 0, reasons, watches };
}
