import { fieldPath, nameAt, type SchemaProblem } from '../kube/parse.ts';
import { type Issue, shownValue } from './issue.ts';

/** An issue about a field, with the value as found there; `undefined` says the field is missing. */
export function issueAt(path: readonly PropertyKey[], found: unknown, rule: string): Issue {
  return { path: fieldPath(path), value: shownValue(found, nameAt(path)), rule };
}

/** What a schema refuses, as an issue. */
export function issueOf(problem: SchemaProblem): Issue {
  return { path: problem.path, value: shownValue(problem.found, problem.name), rule: problem.rule };
}
