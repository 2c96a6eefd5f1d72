import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { Time } from './time.ts';

/** What is known of a span, by the names of OpenTelemetry's semantic conventions where there are any. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A piece of work that has ended. Times in milliseconds since the epoch, with fractions. */
export interface EndedSpan {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the root of a trace. */
  readonly parentId: string | undefined;
  readonly name: string;
  /** `client` for requests to others. */
  readonly kind: 'internal' | 'client';
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  /** What went wrong, if something did. */
  readonly error: string | undefined;
}

/** What a span begins with. */
export type NewSpan = Pick<EndedSpan, 'name' | 'attributes'>;

/** Follows work through its awaits, and tells of it when it has ended. */
export interface Tracer {
  /** Does the work as the root of a new trace, unless chance spares it. Rejects as the work does. */
  root<T>(span: NewSpan, work: () => Promise<T>): Promise<T>;
  /** Does the work as a request of the span it is asked for within; without one, or after that has ended, untold. */
  request<T>(span: NewSpan, work: () => Promise<T>): Promise<T>;
  /** Adds to what is known of the span that this is called within. */
  annotate(attributes: Attributes): void;
}

/** What a tracer is made with. */
export interface TracerOptions {
  readonly time: Time;
  /** Share of the traces that are told of, from 0 to 1. */
  readonly ratio: number;
  readonly ended: (span: EndedSpan) => void;
}

interface OpenSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Its start, in milliseconds since the epoch and by the monotonic clock. */
  readonly start: number;
  readonly began: number;
  attributes: Attributes;
  open: boolean;
}

/** A tracer whose spans follow each other by the asynchronous context of Node.js. */
export function createTracer({ time, ratio, ended }: TracerOptions): Tracer {
  const current = new AsyncLocalStorage<OpenSpan>();
  const run = async <T>(
    { name, attributes, kind, parent }: NewSpan & Pick<EndedSpan, 'kind'> & { parent?: OpenSpan },
    work: () => Promise<T>,
  ): Promise<T> => {
    const traceId = parent?.traceId ?? randomBytes(16).toString('hex');
    const spanId = randomBytes(8).toString('hex');
    const began = time.monotonic();
    // Within a trace only the monotonic clock counts, so that nothing is outside of what it is part of.
    const start = parent === undefined ? time.now() : parent.start + (began - parent.began);
    const span: OpenSpan = { traceId, spanId, start, began, attributes, open: true };
    let error: string | undefined;
    try {
      return await current.run(span, work);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
      throw thrown;
    } finally {
      span.open = false;
      const end = start + (time.monotonic() - began);
      ended({ traceId, spanId, parentId: parent?.spanId, name, kind, start, end, attributes: span.attributes, error });
    }
  };
  return {
    root: (span, work) => (time.random() < ratio ? run({ ...span, kind: 'internal' }, work) : work()),
    request(span, work) {
      const parent = current.getStore();
      return parent?.open === true ? run({ ...span, kind: 'client', parent }, work) : work();
    },
    annotate(attributes) {
      const span = current.getStore();
      if (span?.open === true) span.attributes = { ...span.attributes, ...attributes };
    },
  };
}
