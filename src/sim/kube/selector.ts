import { parseLabelSelector as parse } from '../../kube/label-selector.ts';
import type { KubeObject } from '../../kube/object.ts';
import { Refusal } from './refusal.ts';

/** Tells whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

/** A label selector in its text form (`a=b,c in (d,e),!f`). Throws 400 for anything that is none. */
export function parseLabelSelector(text: string): Selector {
  const selects = parse(text);
  if (selects === undefined) throw new Refusal(400, 'BadRequest', `unable to parse requirement: ${text}`);
  return ({ metadata }) => selects(metadata.labels ?? {});
}

/** Whether the labels contain all of `wanted`. */
export function hasAll(
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => labels?.[name] === value);
}
