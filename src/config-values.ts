import * as z from 'zod';
import { parseLabelSelector } from './kube/label-selector.ts';
import { parseFlinkDuration, parseGoDuration } from './lib/duration.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAMESPACES_RULE = 'be a comma-separated list of namespace names';
const SELECTOR_RULE = 'be a label selector such as team=a,tier!=test';
const DURATION_RULE = 'be a positive duration such as 500ms, 15s, 2m or 1h30m';
/** What the incumbent's own settings say for "all namespaces". */
const ALL_NAMESPACES = 'JOSDK_ALL_NAMESPACES';

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number) {
  const rule = `be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule);
}

/** One of these words. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `be one of ${values.join(', ')}`);
}

/** A duration above 0, in milliseconds. */
export const duration = z
  .string()
  .transform((text) => parseGoDuration(text) ?? parseFlinkDuration(text) ?? 0)
  .refine((ms) => ms > 0, DURATION_RULE);

/** `true` or `false`, in any case. */
export const trueOrFalse = z
  .string()
  .toLowerCase()
  .pipe(oneOf(['true', 'false']))
  .transform((text) => text === 'true');

/** A name of a namespaced object. */
export const dnsLabel = z.string().regex(LABEL, 'be a Kubernetes name: lower-case letters, digits and "-", at most 63');

/** A name of an object of a kind that allows dots in it. */
export const objectName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
    'be a Kubernetes name: lower-case letters, digits, "-" and ".", at most 253',
  );

/** A comma-separated list of DNS names and addresses; empty: none. */
export const hosts = z
  .string()
  .transform((text) => text.split(',').flatMap((name) => name.trim() || []))
  .refine(
    (names) => names.every((name) => /^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/.test(name)),
    'be a comma-separated list of DNS names or addresses',
  );
/** A comma-separated list of names; empty: none. */
export const names = z.string().transform((text) => text.split(',').flatMap((name) => name.trim() || []));

const BUCKETS_RULE = 'be at most 50 comma-separated numbers of seconds above 0, ascending';

/** Upper bounds of the buckets of a histogram, in seconds. */
export const buckets = z
  .string()
  .transform((text) => text.split(',').map((bound) => Number(bound.trim() || Number.NaN)))
  .refine(
    (bounds) =>
      bounds.length <= 50 && bounds.every((bound, index) => Number.isFinite(bound) && bound > (bounds[index - 1] ?? 0)),
    BUCKETS_RULE,
  );

/** A comma-separated list of namespaces; empty: all of them. */
export const namespaces = z
  .string()
  .transform((text) => (text === ALL_NAMESPACES ? '' : text).split(',').flatMap((name) => name.trim() || []))
  .refine((names) => names.every((name) => LABEL.test(name)), NAMESPACES_RULE);

/** JSON in a text; blank text is an empty list or map. */
export function json<T extends z.ZodType>(schema: T, empty: '[]' | '{}', rule: string) {
  return z.string().transform((text, context): z.output<T> => {
    const parsed = schema.safeParse(parsedJson(text.trim() || empty));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The rule says what is wrong: no schema takes this.
    return undefined;
  }
}

/** A label selector. */
export const labelSelector = z
  .string()
  .refine((text) => text.trim() !== '' && parseLabelSelector(text) !== undefined, SELECTOR_RULE);

const URL_RULE = 'be a URL with a host, such as spark.example.org/{{$appNamespace}}/{{$appName}}';

/** A URL with words in double braces to fill in, with or without scheme; blank text is none. */
export const urlFormat = z
  .string()
  .trim()
  .refine((text) => text === '' || isUrlFormat(text), URL_RULE);

function isUrlFormat(text: string): boolean {
  const filled = text.replaceAll(/\{\{\s*\$app(Name|Namespace|Id)\s*\}\}/g, 'a');
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(filled) ? filled : `http://${filled}`;
  return URL.canParse(url) && /:\/\/[A-Za-z0-9*]/.test(url) && !/[{}]/.test(url);
}
