import { ENGINES, type Engine, type OperatorConfig } from './config.ts';
import type { WebhookConfig } from './config-webhook.ts';
import type { Admission } from './core/admission.ts';
import type { Reader } from './core/ports.ts';
import { flinkAdmission } from './flink/admission.ts';
import type { OperatorDefaults } from './flink/flink-conf.ts';
import { sessionJobAdmission } from './flink/session-job/admission.ts';
import { SNAPSHOT_ADMISSION } from './flink/snapshot/admission.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createWebhookMetrics } from './metrics/webhook.ts';
import type { CertificateSource } from './runtime/https-server.ts';
import type { KubeClient } from './runtime/kube-client.ts';
import type { Logger } from './runtime/logger.ts';
import { createMountedSource } from './runtime/mounted-certificate.ts';
import { systemTime } from './runtime/time.ts';
import { SPARK_ADMISSION } from './spark/admission.ts';
import { CONNECT_ADMISSION } from './spark/connect/admission.ts';
import { SCHEDULE_ADMISSION } from './spark/schedule/admission.ts';
import { createKeeper } from './webhook/keeper.ts';
import { watchedBy } from './webhook/scope.ts';
import { createWebhook, type Webhook } from './webhook/server.ts';

const ADMISSIONS: Readonly<Record<Engine, (defaults: () => OperatorDefaults) => readonly Admission[]>> = {
  flink: (defaults) => [flinkAdmission(defaults), sessionJobAdmission(defaults), SNAPSHOT_ADMISSION],
  spark: () => [SPARK_ADMISSION, SCHEDULE_ADMISSION, CONNECT_ADMISSION],
};

/** The rules of every kind these engines have; the chart's webhook configuration is generated from them. */
export function admissionsOf(
  engines: readonly Engine[] = ENGINES,
  defaults: () => OperatorDefaults = () => ({ flinkConfiguration: {} }),
): readonly Admission[] {
  return engines.flatMap((engine) => ADMISSIONS[engine](defaults));
}

const [MINUTE, DAY] = [60_000, 86_400_000];

/** Certificates live for 90 days, and are followed by others 30 days before their end. */
const TIMING = { validityMs: 90 * DAY, renewBeforeMs: 30 * DAY, settleMs: 5 * MINUTE, checkMs: MINUTE };

/** What Kubernetes needs to tell every API server and node that a pod is no longer to be asked. */
const LINGER_MS = 3000;

/** What the webhook shares with the rest of the operator. */
export interface WebhookParts {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly read: Reader;
  /** Whether resources of a namespace are looked after. */
  readonly includes: (namespace: string) => boolean;
  readonly defaults: () => OperatorDefaults;
}

/** The admission webhook, where the configuration asks for one. */
export function operatorWebhook(config: OperatorConfig, parts: WebhookParts): Webhook | undefined {
  const { webhook, engines, labelSelector } = config;
  if (webhook === undefined) return undefined;
  const { log, metrics, read, includes, defaults } = parts;
  return createWebhook({
    port: webhook.port,
    certificates: certificatesOf(webhook.certificates, parts),
    lingerMs: LINGER_MS,
    metrics: createWebhookMetrics(metrics.registry),
    time: systemTime,
    log,
    admissions: admissionsOf(engines, defaults),
    isWatched: watchedBy(includes, labelSelector),
    read,
  });
}

function certificatesOf(
  certificates: WebhookConfig['certificates'],
  { client, log }: Pick<WebhookParts, 'client' | 'log'>,
): CertificateSource {
  const shared = { time: systemTime, log };
  if (certificates.from === 'folder') {
    return createMountedSource({ ...shared, server: 'the webhook', folder: certificates.folder, checkMs: 10_000 });
  }
  const { namespace, secret, configuration, hosts } = certificates;
  return createKeeper({ ...shared, client, namespace, secret, configuration, hosts, timing: TIMING });
}
