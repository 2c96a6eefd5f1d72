import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Counters of the admission webhook. */
export interface WebhookMetrics {
  /** A review was answered, after this many seconds; `allowed` is undefined for a body that is none. */
  reviewed(allowed: boolean | undefined, seconds: number): void;
  /** The certificate that is served from now on ends then, in milliseconds since the epoch. */
  certificateEnds(at: number): void;
}

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** What controller-runtime calls a webhook by: its path. */
const WEBHOOK = '/validate';

/** The metrics of the webhook on a registry; those of controller-runtime are as in 0.25, pkg/webhook/internal/metrics. */
export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry];
  const reviews = new Counter({
    name: 'weir_admission_reviews_total',
    help: 'Admission reviews answered, by answer: allowed, refused, or invalid for a request that was none.',
    labelNames: ['answer'],
    registers,
  });
  for (const answer of ['allowed', 'refused', 'invalid']) reviews.inc({ answer }, 0);
  const seconds = new Histogram({
    name: 'weir_admission_review_duration_seconds',
    help: 'Time spent on judging a resource.',
    buckets: BUCKETS,
    registers,
  });
  const requests = new Counter({
    name: 'controller_runtime_webhook_requests_total',
    help: 'Requests to the webhook, by HTTP status.',
    labelNames: ['webhook', 'code'],
    registers,
  });
  const latency = new Histogram({
    name: 'controller_runtime_webhook_latency_seconds',
    help: 'Time spent on answering a request to the webhook.',
    labelNames: ['webhook'],
    buckets: BUCKETS,
    registers,
  });
  const ends = new Gauge({
    name: 'weir_webhook_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that the webhook serves with ends.',
    registers,
  });
  return {
    reviewed(allowed, took) {
      reviews.inc({ answer: allowed === undefined ? 'invalid' : allowed ? 'allowed' : 'refused' });
      seconds.observe(took);
      requests.inc({ webhook: WEBHOOK, code: allowed === undefined ? '404' : '200' });
      latency.observe({ webhook: WEBHOOK }, took);
    },
    certificateEnds: (at) => ends.set(at / 1000),
  };
}
