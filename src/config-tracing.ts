import * as z from 'zod';

/** Where traces of passes go. */
export interface TracingConfig {
  /** Base URL of an OTLP receiver. */
  readonly endpoint: string;
  /** Share of the passes that are told of, from 0 to 1. */
  readonly ratio: number;
}

const RATIO_RULE = 'be a number from 0 to 1';

/** The options of `weir run` about traces. */
export const tracingFields = {
  traceEndpoint: z
    .string()
    .refine((text) => text === '' || /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'be an http or https URL')
    .optional(),
  traceRatio: z
    .string()
    .regex(/^\d(\.\d{1,9})?$/, RATIO_RULE)
    .transform(Number)
    .refine((ratio) => ratio <= 1, RATIO_RULE),
};

/** The configuration of traces; undefined when there are none. */
export function tracingConfigOf({
  traceEndpoint: endpoint,
  traceRatio: ratio,
}: z.output<z.ZodObject<typeof tracingFields>>): TracingConfig | undefined {
  return endpoint === undefined || endpoint === '' ? undefined : { endpoint, ratio };
}
