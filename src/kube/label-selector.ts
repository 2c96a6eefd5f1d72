/** Tells whether labels are selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

const NAME = '[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?';
const SET = new RegExp(String.raw`^(${NAME})\s+(in|notin)\s+\(([^()]*)\)$`);
const EQUALITY = new RegExp(String.raw`^(${NAME})\s*(==|=|!=)\s*([A-Za-z0-9._-]*)$`);
const EXISTENCE = new RegExp(String.raw`^(!?)\s*(${NAME})$`);

/** A label selector in its text form (`a=b,c in (d,e),!f`); undefined for anything that is none. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  // Commas between parentheses separate values, the others requirements.
  const requirements = text.match(/[^,()]*(\([^()]*\))?/g)?.filter((part) => part.trim() !== '') ?? [];
  const checks = requirements.map((part) => parseRequirement(part.trim()));
  if (!checks.every((check) => check !== undefined)) return undefined;
  return (labels) => checks.every((check) => check(labels));
}

function parseRequirement(text: string): LabelSelector | undefined {
  const set = SET.exec(text);
  if (set !== null) return setCheck(set[1] ?? '', set[3] === 'in', set[4] ?? '');
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, name = '', , operator, value = ''] = equality;
    return (labels) => (labels[name] === value) === (operator !== '!=');
  }
  const existence = EXISTENCE.exec(text);
  if (existence === null) return undefined;
  const [, not, name = ''] = existence;
  return (labels) => (labels[name] !== undefined) === (not !== '!');
}

function setCheck(name: string, within: boolean, list: string): LabelSelector {
  const values = new Set(list.split(',').map((value) => value.trim()));
  return (labels) => {
    const value = labels[name];
    return value === undefined ? !within : values.has(value) === within;
  };
}
