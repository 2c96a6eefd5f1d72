import { isRecord } from '../../lib/json.ts';
import { isDefault } from './defaults.ts';
import { FLINK_RULES, type Incumbent, type Rule, type Rules, SPARK_RULES } from './rules.ts';

/** Values of Weir's chart, and what was left out. */
export interface Migration {
  readonly values: Values;
  /** One line each: the path and why. */
  readonly dropped: readonly string[];
  /** How many values more have no place in Weir's chart, and say only what the other has anyway. */
  readonly defaults: number;
}

type Values = Readonly<Record<string, unknown>>;
type Draft = Record<string, unknown>;

/** The chart whose values these are, by the names at the top; undefined when they fit both or neither. */
export function incumbentOf(values: object): Incumbent | undefined {
  const names = Object.keys(values);
  const fits = (rules: Rules): number => {
    const known = new Set(Object.keys(rules).map((path) => path.split('.')[0]));
    return names.filter((name) => known.has(name)).length;
  };
  const [flink, spark] = [fits(FLINK_RULES), fits(SPARK_RULES)];
  if (flink === spark) return undefined;
  return flink > spark ? 'flink' : 'spark';
}

/**
 * Values of another chart as Weir's chart takes them, with the engine of that chart alone switched on. What its user changed and what has no
 * place here is left out and named, so that nothing is lost in silence.
 */
export function migrateValues(from: Incumbent, values: Values): Migration {
  const rules = from === 'flink' ? FLINK_RULES : SPARK_RULES;
  const draft: Draft = {};
  put(draft, `${from === 'flink' ? 'spark' : 'flink'}.enabled`.split('.'), false);
  const dropped: string[] = [];
  let defaults = 0;
  for (const { path, value } of leaves(from === 'spark' ? ofSpark(values) : values, rules, [])) {
    const { rule, below } = ruleOf(path, rules);
    if ('to' in rule) move(draft, { path, value, to: rule, below });
    else if (isDefault(from, path, value)) defaults += 1;
    else dropped.push(`${path.join('.')}: ${rule.dropped}`);
  }
  for (const name of ['operatorVolumes', 'operatorVolumeMounts']) {
    const given = draft[name];
    if (isRecord(given) && from === 'spark') put(draft, [name, 'create'], true);
  }
  return { values: draft, dropped: [...dropped, ...withOneScope(draft)], defaults };
}

/**
 * Values of the Spark operator's chart (2.5) in words that have one meaning each: the namespaces it has where they say nothing, since Weir would
 * look after all, feature gates by their names, and no addresses of UIs where these are not switched on.
 */
function ofSpark(values: Values): Values {
  const spark = { jobNamespaces: ['default'], ...(isRecord(values.spark) ? values.spark : {}) };
  const { controller } = values;
  if (!isRecord(controller)) return { ...values, spark };
  const { featureGates, uiIngress } = controller;
  const gates = (Array.isArray(featureGates) ? featureGates : []).filter(isRecord);
  const byName = Object.fromEntries(gates.map(({ name, enabled = true }) => [String(name), enabled]));
  const isOff = isRecord(uiIngress) && uiIngress.enable !== true;
  const said = { featureGates: byName, ...(isOff ? { uiIngress: { enable: false } } : {}) };
  return { ...values, spark, controller: { ...controller, ...said } };
}

/** Namespaces are listed or selected here; there they were added up. */
function withOneScope(draft: Draft): readonly string[] {
  const { watchNamespaces: list, watchNamespaceSelector: selector } = draft;
  if (selector === undefined || !Array.isArray(list)) return [];
  delete draft.watchNamespaces;
  if (list.length === 0) return [];
  return [`spark.jobNamespaces: the selector stands alone, give ${list.join(', ')} labels that it takes`];
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Values with a rule of their own, and else those that are no maps. */
function leaves(value: unknown, rules: Rules, path: readonly string[]): readonly Leaf[] {
  const inner = path.join('.');
  const deeper = inner === '' || Object.keys(rules).some((rule) => rule.startsWith(`${inner}.`));
  const rule = rules[inner];
  if (!isRecord(value) || (rule !== undefined && 'to' in rule && !deeper)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, rules, [...path, key]));
}

const UNKNOWN: Rule = { dropped: 'is no value of that chart that Weir knows' };

/** The rule of a path, or of the nearest map it is in; `below` is the rest of the path then. */
function ruleOf(path: readonly string[], rules: Rules): { readonly rule: Rule; readonly below: readonly string[] } {
  for (let length = path.length; length > 0; length--) {
    const rule = rules[path.slice(0, length).join('.')];
    if (rule !== undefined) return { rule, below: path.slice(length) };
  }
  return { rule: UNKNOWN, below: [] };
}

type Move = Leaf & { readonly to: Extract<Rule, { to: string }>; readonly below: readonly string[] };

function move(draft: Draft, { path, value, to, below }: Move): void {
  const moved = to.as === undefined ? value : to.as(value);
  const same = to.to === path.slice(0, path.length - below.length).join('.');
  if (moved !== undefined) put(draft, same ? path : [...to.to.split('.'), ...below], moved);
}

function put(draft: Draft, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    draft[first] = value;
    return;
  }
  const below = draft[first];
  const inner: Draft = isRecord(below) ? below : {};
  draft[first] = inner;
  put(inner, rest, value);
}
