import type { Logger } from './logger.ts';
import type { Server } from './manager.ts';
import { otlpRequest, type TraceSource } from './otlp.ts';
import type { Time } from './time.ts';
import type { EndedSpan } from './tracer.ts';
import { Agent, placeOf } from './undici.ts';

/** Sends spans away in batches. What cannot be sent is dropped: nothing waits for it. */
export interface SpanExporter extends Server {
  add(span: EndedSpan): void;
}

/** What a span exporter is made with. */
export interface SpanExporterOptions extends TraceSource {
  /** Base URL of an OTLP receiver; `/v1/traces` is put behind it. */
  readonly endpoint: string;
  readonly time: Time;
  readonly log: Logger;
  /** Told how many spans were dropped. */
  readonly dropped: (count: number) => void;
}

/** As the batch processors of OpenTelemetry's SDKs have it by default (specification 1.40, OTEL_BSP_*). */
const EVERY_MS = 5_000;
const MOST_HELD = 2_048;
const TIMEOUT_MS = 10_000;

/** An exporter that posts to an OTLP receiver over HTTP, in JSON, every five seconds and when it is stopped. */
export function createSpanExporter(options: SpanExporterOptions): SpanExporter {
  const { endpoint, time, log, dropped } = options;
  const agent = new Agent();
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  let held: EndedSpan[] = [];
  let cancel = (): void => undefined;
  let failed = false;
  const send = async (): Promise<void> => {
    const spans = held;
    held = [];
    if (spans.length === 0) return;
    try {
      await post(agent, url, otlpRequest(spans, options));
      failed = false;
    } catch (err) {
      dropped(spans.length);
      // Once for each time that it stops working: it is tried every few seconds.
      if (!failed) log.warn({ err, url }, 'traces cannot be sent');
      failed = true;
    }
  };
  const again = (): void => {
    cancel = time.after(EVERY_MS, () => void send().then(again));
  };
  return {
    add(span) {
      if (held.length < MOST_HELD) held.push(span);
      else dropped(1);
    },
    start: () => Promise.resolve(again()),
    async stop() {
      cancel();
      await send();
    },
  };
}

async function post(agent: Agent, url: string, body: object): Promise<void> {
  const { statusCode, body: answer } = await agent.request({
    ...placeOf(new URL(url)),
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  await answer.dump();
  if (statusCode >= 300) throw new Error(`the receiver answers ${statusCode}`);
}
