/** What a PromQL expression reads. */
export interface Reads {
  /** Names of metrics, as they are written. */
  readonly metrics: ReadonlySet<string>;
  /** Labels in selectors and in `by`, `without`, `on` and `ignoring`. */
  readonly labels: ReadonlySet<string>;
}

const WORDS = new Set(['by', 'without', 'on', 'ignoring', 'and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
const GROUPING = /\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g;
const SELECTOR = /\{([^}]*)\}/g;

/** Metrics and labels of an expression. Throws for parentheses that do not match, and for one that reads no metric. */
export function promqlReads(expression: string): Reads {
  const bare = expression.replaceAll(/"[^"]*"|'[^']*'/g, '""').replaceAll(/\[[^\]]*\]/g, '');
  const open = bare.replaceAll(/[^(){}]/g, '').replaceAll(/\{\}/g, '');
  let rest = open;
  while (rest.includes('()')) rest = rest.replaceAll('()', '');
  if (rest !== '') throw new Error(`parentheses do not match: ${expression}`);
  const inSelectors = [...bare.matchAll(SELECTOR)].flatMap(
    ([, inner = '']) => inner.match(/[A-Za-z_]\w*(?=\s*[=!])/g) ?? [],
  );
  const inGroupings = [...bare.matchAll(GROUPING)].flatMap(([, inner = '']) => inner.match(/[A-Za-z_]\w*/g) ?? []);
  const plain = bare.replaceAll(SELECTOR, ' ').replaceAll(GROUPING, ' ');
  const names = plain.match(/\b[A-Za-z_:][\w:]*\b(?!\s*\()/g) ?? [];
  const metrics = new Set(names.filter((name) => !WORDS.has(name.toLowerCase())));
  if (metrics.size === 0) throw new Error(`reads no metric: ${expression}`);
  return { metrics, labels: new Set([...inSelectors, ...inGroupings]) };
}
