/** Tells whether labels are selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/** One requirement of a label selector, as `matchExpressions` of Kubernetes (meta/v1 LabelSelector) has it. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'DoesNotExist' | 'Exists' | 'In' | 'NotIn';
  /** Empty for the operators that ask for the key alone. */
  readonly values: readonly string[];
}

const WORD = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?';
const KEY = `(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?${WORD}`;
const SET = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(\s*(${WORD}(?:\s*,\s*${WORD})*)\s*\)$`);
const EQUALITY = new RegExp(String.raw`^(${KEY})\s*(==|=|!=)\s*((?:${WORD})?)$`);
const EXISTENCE = new RegExp(String.raw`^(!?)\s*(${KEY})$`);
/** A comma that is not between parentheses. */
const BETWEEN = /,(?![^(]*\))/;

/** A label selector in its text form (`a=b,c in (d,e),!f`); undefined for anything that is none. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const requirements = parseRequirements(text);
  if (requirements === undefined) return undefined;
  const checks = requirements.map(checkOf);
  return (labels) => checks.every((check) => check(labels));
}

/**
 * The requirements of a label selector in its text form, in its order, as the API server reads them (apimachinery 0.34,
 * labels.Parse) without its `>` and `<`; undefined for anything that is none. Blank text has none.
 */
export function parseRequirements(text: string): readonly Requirement[] | undefined {
  if (text.trim() === '') return [];
  const requirements = text.split(BETWEEN).map((part) => parseRequirement(part.trim()));
  return requirements.every((requirement) => requirement !== undefined) ? requirements : undefined;
}

function parseRequirement(text: string): Requirement | undefined {
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return { key, operator: operator === 'in' ? 'In' : 'NotIn', values };
  }
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value = ''] = equality;
    return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] };
  }
  const existence = EXISTENCE.exec(text);
  if (existence === null) return undefined;
  const [, not, key = ''] = existence;
  return { key, operator: not === '!' ? 'DoesNotExist' : 'Exists', values: [] };
}

/** A label that is not there is in no set. */
function checkOf({ key, operator, values }: Requirement): LabelSelector {
  const wanted = new Set(values);
  const isIn: LabelSelector = (labels) => labels[key] !== undefined && wanted.has(labels[key]);
  switch (operator) {
    case 'In':
      return isIn;
    case 'NotIn':
      return (labels) => !isIn(labels);
    case 'Exists':
      return (labels) => labels[key] !== undefined;
    case 'DoesNotExist':
      return (labels) => labels[key] === undefined;
  }
}
