import type { KubeObject } from '../../kube/object.ts';
import { Refusal } from './refusal.ts';

/** Tells whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

const NAME = '[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?';
const SET = new RegExp(String.raw`^(${NAME})\s+(in|notin)\s+\(([^()]*)\)$`);
const EQUALITY = new RegExp(String.raw`^(${NAME})\s*(==|=|!=)\s*([A-Za-z0-9._-]*)$`);
const EXISTENCE = new RegExp(String.raw`^(!?)\s*(${NAME})$`);

/** A label selector in its text form (`a=b,c in (d,e),!f`). Throws 400 for anything that is none. */
export function parseLabelSelector(text: string): Selector {
  // Commas between parentheses separate values, the others requirements.
  const requirements = text.match(/[^,()]*(\([^()]*\))?/g)?.filter((part) => part.trim() !== '') ?? [];
  const checks = requirements.map((part) => parseRequirement(part.trim()));
  return (object) => checks.every((check) => check(object.metadata.labels ?? {}));
}

type Check = (labels: Readonly<Record<string, string>>) => boolean;

function parseRequirement(text: string): Check {
  const set = SET.exec(text);
  if (set !== null) return setCheck(set[1] ?? '', set[3] === 'in', set[4] ?? '');
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, name = '', , operator, value = ''] = equality;
    return (labels) => (labels[name] === value) === (operator !== '!=');
  }
  const existence = EXISTENCE.exec(text);
  if (existence === null) throw new Refusal(400, 'BadRequest', `unable to parse requirement: ${text}`);
  const [, not, name = ''] = existence;
  return (labels) => (labels[name] !== undefined) === (not !== '!');
}

function setCheck(name: string, within: boolean, list: string): Check {
  const values = new Set(list.split(',').map((value) => value.trim()));
  return (labels) => {
    const value = labels[name];
    return value === undefined ? !within : values.has(value) === within;
  };
}

/** Whether the labels contain all of `wanted`. */
export function hasAll(
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => labels?.[name] === value);
}
