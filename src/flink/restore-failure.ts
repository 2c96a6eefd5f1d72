import { rootCause } from './stack-trace.ts';

/** Why a job cannot be restored, in a way that no further attempt changes. */
export interface RestoreFailure {
  /**
   * unmapped-state: the program lacks an operator that has state. missing-state: nothing is where the state should be.
   * incompatible-state: the program reads it in another way than it was written.
   */
  readonly kind: 'unmapped-state' | 'missing-state' | 'incompatible-state';
  /** Operators that Flink names: hashes of their uids, 32 hex digits. */
  readonly operators: readonly string[];
  /** Where the state was looked for, if Flink tells. */
  readonly path?: string;
  /** What Flink says, in one line. */
  readonly cause: string;
}

type Rule = (trace: string) => Omit<RestoreFailure, 'cause'> | undefined;

const RULES: readonly Rule[] = [unmapped, parallelism, nothingThere, incompatible, filesGone];

/**
 * Recognises in a stack trace, or in what is left of one, that state cannot be restored (Flink 1.20.5 and 2.3.0:
 * Checkpoints, StateAssignmentOperation, AbstractFsCheckpointStorageAccess, StateMigrationException,
 * BackendRestorerProcedure). Undefined for whatever may pass by itself.
 */
export function restoreFailureIn(trace: string): RestoreFailure | undefined {
  for (const rule of RULES) {
    const found = rule(trace);
    if (found !== undefined) return { ...found, cause: rootCause(trace) };
  }
  return undefined;
}

/** From a path, where allowNonRestoredState helps, and from high-availability data, where Flink does not look at it. */
const UNMAPPED =
  /Cannot map checkpoint\/savepoint state for operator ([0-9a-f]{32})|There is no operator for the state ([0-9a-f]{32})/;
const ROLLBACK_PATH = /Failed to rollback to checkpoint\/savepoint (\S+?)\.? /;

function unmapped(trace: string): ReturnType<Rule> {
  const found = UNMAPPED.exec(trace);
  const operator = found?.[1] ?? found?.[2];
  if (operator === undefined) return undefined;
  const path = ROLLBACK_PATH.exec(trace)?.[1];
  return { kind: 'unmapped-state', operators: [operator], ...(path === undefined ? {} : { path }) };
}

const PARALLELISM =
  /Max parallelism mismatch between checkpoint\/savepoint state and new program\. Cannot map operator ([0-9a-f]{32})|can not be restored\. The maximum parallelism/;

function parallelism(trace: string): ReturnType<Rule> {
  const found = PARALLELISM.exec(trace);
  if (found === null) return undefined;
  return { kind: 'incompatible-state', operators: found[1] === undefined ? [] : [found[1]] };
}

const NOTHING_THERE =
  /Cannot find checkpoint or savepoint file\/directory '([^']+)'|Cannot find meta data file '_metadata' in directory '([^']+)'/;

/** The path at which Flink found no checkpoint or savepoint, or a folder without its metadata, as a stack trace names it. */
export function missingStateIn(trace: string): string | undefined {
  const found = NOTHING_THERE.exec(trace);
  return found?.[1] ?? found?.[2];
}

function nothingThere(trace: string): ReturnType<Rule> {
  const path = missingStateIn(trace);
  return path === undefined ? undefined : { kind: 'missing-state', operators: [], path };
}

const INCOMPATIBLE =
  /org\.apache\.flink\.util\.StateMigrationException|Unexpected magic number\. This can have multiple reasons/;

function incompatible(trace: string): ReturnType<Rule> {
  return INCOMPATIBLE.test(trace) ? { kind: 'incompatible-state', operators: [] } : undefined;
}

/** A store that cannot be reached is no failure of this kind: only one that answers that the file is not there. */
const RESTORING =
  /Could not restore (?:keyed|operator) state backend|Could not retrieve checkpoint \d+ from state handle|RetrievableStreamStateHandle\.openInputStream/;
const FILE_GONE = /^(?:java\.io\.FileNotFoundException|java\.nio\.file\.NoSuchFileException): (\S+)/;

function filesGone(trace: string): ReturnType<Rule> {
  const path = RESTORING.test(trace) ? FILE_GONE.exec(rootCause(trace))?.[1] : undefined;
  return path === undefined ? undefined : { kind: 'missing-state', operators: [], path };
}

/** What is wrong and what its user can do, in words for condition, event and error field. */
export function describeRestoreFailure(failure: RestoreFailure, from: string): string {
  return `the job cannot be restored ${from}: ${WRONG[failure.kind](failure)}. Nothing runs and its state is kept. ${WAYS_OUT[failure.kind]}`;
}

const WRONG: Readonly<Record<RestoreFailure['kind'], (failure: RestoreFailure) => string>> = {
  'unmapped-state': ({ operators }) =>
    `it holds state of operator ${operators.join(', ')} (the hash of its uid), and the new program has no such operator`,
  'missing-state': ({ path, cause }) => `there is no state at ${path} (${cause})`,
  'incompatible-state': ({ operators, cause }) =>
    `the new program cannot read the state${operators.length === 0 ? '' : ` of operator ${operators.join(', ')}`} (${cause})`,
};

const BACK = 'put the last spec back whose job ran';
const OTHER_STATE =
  'set spec.job.initialSavepointPath to other state and change spec.job.savepointRedeployNonce, or annotate the resource with ' +
  'weir.dev/stateless-once: "<any new text>" to start once without state';

const WAYS_OUT: Readonly<Record<RestoreFailure['kind'], string>> = {
  'unmapped-state': `Set spec.job.allowNonRestoredState to true to drop that operator's state, ${BACK}, ${OTHER_STATE}`,
  'missing-state': `Put the state back and change spec.restartNonce, ${OTHER_STATE}`,
  'incompatible-state': `${BACK.replace(/^./, (first) => first.toUpperCase())}, ${OTHER_STATE}`,
};
