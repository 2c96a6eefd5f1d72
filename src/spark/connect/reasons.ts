import type { ReasonTable } from '../../core/reasons.ts';

/** The reasons of a SparkConnect beside those of its server's run; the incumbent's words (Kubeflow Spark Operator 2.5). */
export const CONNECT_REASONS = {
  ServerPodReady: { means: 'The server takes connections.' },
  ServerPodNotReady: {
    means: 'The server does not take connections: it starts, waits to be started again, or has ended.',
  },
} as const satisfies ReasonTable<string>;

/** A reason of CONNECT_REASONS. */
export type ConnectReason = keyof typeof CONNECT_REASONS;
