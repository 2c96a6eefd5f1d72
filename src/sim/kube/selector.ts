import { parseLabelSelector as parse } from '../../kube/label-selector.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { NotSimulated, Refusal } from './refusal.ts';

/** Tells whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

/** A label selector in its text form (`a=b,c in (d,e),!f`). Throws 400 for anything that is none. */
export function parseLabelSelector(text: string): Selector {
  const selects = parse(text);
  if (selects === undefined) throw new Refusal(400, 'BadRequest', `unable to parse requirement: ${text}`);
  return ({ metadata }) => selects(metadata.labels ?? {});
}

/** A field selector of phases that are not asked for (`status.phase!=Failed,…`). Throws NotSimulated for any other one. */
export function parsePhaseSelector(text: string): Selector {
  const phases = text.split(',').map((part) => /^status\.phase!=(\w+)$/.exec(part)?.[1]);
  if (phases.includes(undefined)) throw new NotSimulated(`the field selector ${text}`);
  return ({ status }) => !phases.includes(isRecord(status) ? String(status.phase) : '');
}

/** The name that a field selector asks for (`metadata.name=a`), undefined where it is another one. */
export function nameSelected(text: string): string | undefined {
  return /^metadata\.name=([^,!=]+)$/.exec(text)?.[1];
}

/** Whether the labels contain all of `wanted`. */
export function hasAll(
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => labels?.[name] === value);
}
