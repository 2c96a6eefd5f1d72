import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { textWithoutSecrets } from '../lib/secret.ts';
import { propertyAmountIssues } from './validate-amounts.ts';
import { claimIssues, keyIssues, PORTS } from './validate-conf.ts';

/** Properties that two applications cannot have alike. */
const OF_ONE: ReadonlySet<string> = new Set([
  'spark.app.id',
  'spark.app.name',
  'spark.kubernetes.namespace',
  'spark.kubernetes.driver.pod.name',
  'spark.kubernetes.executor.podNamePrefix',
]);

const OPEN = 'not be set for all applications, since every namespace could read it; give it to pods by a Secret';

/** A Secret by its name, and where its files go. */
const SECRET_MOUNT = /^spark\.kubernetes\.(driver|executor)\.secrets\./;

/** Every rule the operator's default properties break: those of sparkConf, and what only one application can say of itself. */
export function validateDefaults(defaults: Readonly<Record<string, string>>): readonly Issue[] {
  const ofKeys = Object.entries(defaults).flatMap(([key, value]) => {
    const rule = sharedRule(key, value);
    if (rule !== undefined) return [issueAt([key], value, rule)];
    return [...keyIssues([key], key, value), ...propertyAmountIssues([key], key, value)];
  });
  return [...ofKeys, ...claimIssues([], defaults)];
}

function sharedRule(key: string, value: string): string | undefined {
  if (!key.startsWith('spark.')) return 'not be set, since Spark reads only keys that start with spark.';
  if (OF_ONE.has(key)) return 'not be set for all applications, since each has its own';
  if (PORTS.has(key)) return 'not be set for all applications; use spec.sparkConf of those that need it';
  return SECRET_MOUNT.test(key) || textWithoutSecrets(key, value) === value ? undefined : OPEN;
}
