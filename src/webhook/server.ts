import { X509Certificate } from 'node:crypto';
import type { WebhookMetrics } from '../metrics/webhook.ts';
import { type CertificateSource, createHttpsServer } from '../runtime/https-server.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Server } from '../runtime/manager.ts';
import type { Time } from '../runtime/time.ts';
import { type Rules, review } from './review.ts';

/** What the webhook is made with. */
export interface WebhookOptions extends Rules {
  /** 0 takes any free one. */
  readonly port: number;
  readonly host?: string;
  readonly certificates: CertificateSource;
  /** How long a stop goes on answering, in milliseconds, until no API server asks any more. */
  readonly lingerMs: number;
  readonly metrics: WebhookMetrics;
  readonly time: Time;
  readonly log: Logger;
}

/** The webhook, as one of the servers of the operator. */
export interface Webhook extends Server {
  /** Resolves to the port once listening. */
  start(): Promise<number>;
  /** Why it cannot answer yet; empty when it can. */
  problems(): readonly string[];
}

/** The one path the API server asks on. */
export const VALIDATE_PATH = '/validate';

/** The API server takes objects of up to 3 MiB, and sends the stored one along, which etcd keeps below 1.5 MiB. */
const MAX_BODY_BYTES = 7 * 1024 * 1024;
const MAX_HELD_BYTES = 8 * MAX_BODY_BYTES;

/** Most lists, objects and commas in a body: what is wrong is collected item by item, so many wrong ones would take all memory. */
const MAX_PARTS = 200_000;

/** Answers AdmissionReviews over TLS on every replica, leading or not; it reads the caches and writes nothing. */
export function createWebhook(options: WebhookOptions): Webhook {
  const { port, host, certificates, lingerMs, metrics, time, log } = options;
  let problem: string | undefined = 'the webhook has no certificate yet';
  const server = createHttpsServer({
    port,
    ...(host === undefined ? {} : { host }),
    maxBodyBytes: MAX_BODY_BYTES,
    maxHeldBytes: MAX_HELD_BYTES,
    maxParts: MAX_PARTS,
    lingerMs,
    time,
    log,
    answer(path, body) {
      if (path !== VALIDATE_PATH) return undefined;
      const started = time.monotonic();
      const answer = review(body, options);
      metrics.reviewed(answer?.response.allowed, (time.monotonic() - started) / 1000);
      return answer;
    },
  });
  return {
    async start() {
      const listening = await server.start();
      log.info({ port: listening }, 'the webhook listens');
      certificates.start((pair) => {
        server.use(pair);
        metrics.certificateEnds(new X509Certificate(pair.certificate).validToDate.getTime());
        problem = undefined;
      });
      return listening;
    },
    problems: () => (problem === undefined ? [] : [problem]),
    async stop() {
      certificates.stop();
      await server.stop();
    },
  };
}
