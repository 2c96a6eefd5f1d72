import { describeIssues, type Issue } from './issue.ts';

/** What the user wants that cannot be done, in words for condition, event and error field. */
export interface Refusal<Reason extends string = string> {
  readonly reason: Reason;
  readonly message: string;
  /** The rules that are broken, at least one. */
  readonly issues: readonly Issue[];
}

/** A hostile spec can break any number of rules; status, event and log line hold only so much. */
const MAX_MESSAGE = 1500;

/** The refusal for these issues: its message names them in order, and is cut after 1500 characters. */
export function refusalFor<Reason extends string>(reason: Reason, issues: readonly Issue[]): Refusal<Reason> {
  return { reason, message: describeIssues(issues).slice(0, MAX_MESSAGE), issues };
}
