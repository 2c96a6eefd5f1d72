import { jsonWithoutSecrets } from '../lib/secret.ts';

/** One thing wrong with a resource, in words its author can act on. */
export interface Issue {
  /** The field, dotted from the root: `spec.job.parallelism`, `spec.podTemplate.spec.containers[0].name`. */
  readonly path: string;
  /** The value found, as short JSON text; `undefined` where the field is missing. */
  readonly value: string | undefined;
  /** The rule that was broken, as it would follow "must": "be at least 1", "be one of native, standalone". */
  readonly rule: string;
}

/** One line naming field, value and rule: `spec.job.parallelism: -1 is not valid, it must be at least 1`. */
export function describeIssue(issue: Issue): string {
  const { path, value, rule } = issue;
  return value === undefined
    ? `${path}: is missing, it must ${rule}`
    : `${path}: ${value} is not valid, it must ${rule}`;
}

/** All issues in one text, in order, separated by `; `. */
export function describeIssues(issues: readonly Issue[]): string {
  return issues.map(describeIssue).join('; ');
}

/**
 * A value as it is shown in an issue: JSON, cut after 80 characters. What is a secret, going by `name` or by the names in
 * it, is hidden: issues are read by more people than the resource, in events, logs and pipelines.
 */
export function shownValue(value: unknown, name = ''): string | undefined {
  if (value === undefined) return undefined;
  const text = jsonWithoutSecrets(value, name) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
