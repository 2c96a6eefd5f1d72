import type { V1ObjectMeta, V1PodSpec } from '@kubernetes/client-node';
import * as z from 'zod';
import type { DeepReadonly } from '../lib/deep-readonly.ts';
import { isRecord } from '../lib/json.ts';
import type { Condition } from './conditions.ts';

/**
 * The building blocks of a custom resource's schema. Every error text is a rule in the form `core/issue.ts` wants
 * ("be a text"), nothing transforms or has a default (a default in a CRD shows as drift in GitOps tools), and nothing is
 * narrower in the CRD than the Kubernetes type says; narrower rules live in validate.ts.
 */

/** A text. What YAML takes for a number or a truth value has to be quoted to be one. */
export function text(): z.ZodString {
  return z.string({ error: ({ input }) => (QUOTABLE.has(typeof input) ? 'be a text, in quotes' : 'be a text') });
}

const QUOTABLE: ReadonlySet<string> = new Set(['number', 'boolean']);

/** A text that may be null in what is stored, as the times of the incumbents' statuses are. */
export function nullableText(): z.ZodString {
  return text().meta({ nullable: true });
}

/** A whole number that JSON in JavaScript carries exactly; the CRD says `integer` without bounds. */
export function integer(): z.ZodInt {
  const most = `of at most ${Number.MAX_SAFE_INTEGER} in size`;
  return z.int({ error: ({ input }) => `be a whole number${Number.isInteger(input) ? ` ${most}` : ''}` });
}

/** A number. */
export function number(): z.ZodNumber {
  return z.number({ error: 'be a number' });
}

/** True or false. */
export function flag(): z.ZodBoolean {
  return z.boolean({ error: 'be true or false' });
}

/** One of a closed list of words. `named` are the words the message offers, when some are only kept for old objects. */
export function choice<const Words extends readonly [string, ...string[]]>(
  words: Words,
  named: readonly string[] = words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  return z.enum(words, { error: `be one of ${named.join(', ')}` });
}

/** A list of items. */
export function list<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item, { error: 'be a list' });
}

/** An object with known fields; others are let through, since a newer CRD may have them. `rule` is told of what is none. */
export function group<Shape extends z.ZodRawShape>(shape: Shape, rule = 'be an object'): z.ZodObject<Shape> {
  return z.object(shape, { error: rule });
}

/** A map of texts, as labels and annotations are. */
export function textMap(): z.ZodRecord<z.ZodString, z.ZodString> {
  return z.record(z.string(), text(), { error: 'be a map of texts' });
}

/** A map of whole numbers. */
export function integerMap(): z.ZodRecord<z.ZodString, z.ZodInt> {
  return z.record(z.string(), integer(), { error: 'be a map of whole numbers' });
}

/** Kubernetes' IntOrString. */
export function intOrString(): z.ZodUnion<readonly [z.ZodInt, z.ZodString]> {
  return z
    .union([z.int(), z.string()], { error: 'be a whole number or a text' })
    .meta({ 'x-kubernetes-int-or-string': true });
}

/** A map from resource name to quantity, as in a container's requests. */
export function quantityMap(): z.ZodRecord<z.ZodString, ReturnType<typeof intOrString>> {
  return z.record(z.string(), intOrString(), { error: 'be a map of quantities' });
}

/** An open object whose content no schema describes. The CRD gives it no type, so that nested values of any kind pass. */
export function openObject(): z.ZodCustom<Record<string, unknown>, Record<string, unknown>> {
  return z
    .custom<Record<string, unknown>>(isRecord, { error: 'be an object' })
    .meta({ 'x-kubernetes-preserve-unknown-fields': true });
}

/** A pod template as users write it: all of a pod, nothing required (it is merged over a generated one). */
export type PodTemplate = DeepReadonly<{
  apiVersion?: string;
  kind?: string;
  metadata?: V1ObjectMeta;
  spec?: Partial<V1PodSpec>;
}>;

/**
 * A pod template kept whole: typed as client-node's pod, but without its 170 kB schema in the CRD, so that pod fields
 * newer than the CRD survive. `validatePodTemplate` looks into it.
 */
export function podTemplate(): z.ZodCustom<PodTemplate, PodTemplate> {
  return z
    .custom<PodTemplate>(isRecord, { error: 'be an object like a pod' })
    .meta({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
}

/**
 * An object of a type of Kubernetes' own (`Volume`, `Affinity`), kept whole without its schema in the CRD, so that fields
 * newer than the CRD survive. What it says is the API server's to judge when it is used.
 */
export function kubernetesType<T extends object = Record<string, unknown>>(name: string): z.ZodCustom<T, T> {
  const article = /^[AEIOU]/.test(name) ? 'an' : 'a';
  return z
    .custom<T>(isRecord, { error: `be an object like ${article} ${name}` })
    .meta({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true, 'x-weir-type': name });
}

/** One entry of status.conditions. Complete for readers; the CRD requires none of its fields, as the incumbent's does not. */
export function condition(): z.ZodCustom<Condition, Condition> {
  const described = (type: string, description: string) => ({ type, description });
  return z.custom<Condition>(isCondition, { error: 'be a condition' }).meta({
    type: 'object',
    properties: {
      type: described('string', 'What the condition is about.'),
      status: described('string', 'True, False or Unknown.'),
      reason: described('string', 'Why, as one word for programs.'),
      message: described('string', 'Why, in words for people.'),
      lastTransitionTime: described('string', 'When the status last flipped.'),
      observedGeneration: described('integer', 'The generation of the spec this was said about.'),
    },
  });
}

/** Whether a value is a complete condition (meta/v1 Condition). */
export function isCondition(value: unknown): value is Condition {
  if (!isRecord(value)) return false;
  const texts = [value.type, value.reason, value.message, value.lastTransitionTime];
  const status = value.status === 'True' || value.status === 'False' || value.status === 'Unknown';
  const generation = value.observedGeneration === undefined || Number.isSafeInteger(value.observedGeneration);
  return status && generation && texts.every((item) => typeof item === 'string');
}

/** What the reference page says of a field beyond its description. */
export interface FieldNotes {
  /** What holds when the field is absent. */
  readonly fallback?: string;
  /** The field is Weir's own: the incumbent operator does not have it. */
  readonly added?: boolean;
}

/** An optional field with its description for `kubectl explain` and the reference page. */
export function field<T extends z.ZodType>(schema: T, description: string, notes: FieldNotes = {}): z.ZodOptional<T> {
  return schema.optional().meta({
    description,
    ...(notes.fallback === undefined ? {} : { 'x-weir-fallback': notes.fallback }),
    ...(notes.added === true ? { 'x-weir-added': true } : {}),
  });
}
