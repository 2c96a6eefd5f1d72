import type { Attributes, EndedSpan } from './tracer.ts';

/** Who tells of spans. */
export interface TraceSource {
  readonly version: string;
  /** Name of this replica. */
  readonly instance: string;
}

/** Numbers of OTLP 1.0 (opentelemetry-proto, trace/v1/trace.proto): SpanKind and StatusCode. */
const KIND = { internal: 1, client: 3 } as const;
const ERROR = 2;

/** Spans as an ExportTraceServiceRequest of OTLP 1.0 in JSON (opentelemetry-proto, collector/trace/v1). */
export function otlpRequest(spans: readonly EndedSpan[], { version, instance }: TraceSource): object {
  const resource = { 'service.name': 'weir', 'service.version': version, 'service.instance.id': instance };
  const scope = { name: 'weir', version };
  return {
    resourceSpans: [
      { resource: { attributes: listed(resource) }, scopeSpans: [{ scope, spans: spans.map(otlpSpan) }] },
    ],
  };
}

function otlpSpan({ traceId, spanId, parentId, name, kind, start, end, attributes, error }: EndedSpan): object {
  return {
    traceId,
    spanId,
    ...(parentId === undefined ? {} : { parentSpanId: parentId }),
    name,
    kind: KIND[kind],
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
    attributes: listed(attributes),
    status: error === undefined ? {} : { code: ERROR, message: error },
  };
}

/** Milliseconds with fractions as nanoseconds in a text, which a number could not hold. */
function nanos(ms: number): string {
  const whole = Math.floor(ms);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1_000_000)));
}

function listed(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Attributes[string]): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map(anyValue) } };
}
