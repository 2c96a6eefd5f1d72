import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus, UpgradeMode } from './schema.ts';
import type { SpecDiff } from './spec-diff.ts';

/** The annotation that makes one start stateless, whatever upgradeMode says: any text that was not used before. */
export const STATELESS_ONCE_ANNOTATION = 'weir.dev/stateless-once';

/** The annotation with program arguments for that one start: a JSON list of strings. */
export const ONCE_ARGS_ANNOTATION = 'weir.dev/once-args';

/** One start without state, as its user asked for it. */
export interface Once {
  readonly token: string;
  /** Added to the program's own arguments. */
  readonly args: readonly string[];
}

/** The one that was used last; its arguments hold for the start decided at that time, and for no other. */
export interface SpentOnce extends Once {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const MAX_TOKEN = 200;

/** The status keeps what was given, and is to stay small. */
const MAX_ARGS_TEXT = 16_384;

/** What is wrong with the two annotations, where they are there. */
export function onceIssues({ metadata }: Pick<KubeObject, 'metadata'>): readonly Issue[] {
  const { [STATELESS_ONCE_ANNOTATION]: token, [ONCE_ARGS_ANNOTATION]: args } = metadata.annotations ?? {};
  const badToken = token !== undefined && (token.trim() === '' || token.length > MAX_TOKEN);
  const badArgs = args !== undefined && argsOf(args) === undefined;
  const longArgs = args !== undefined && args.length > MAX_ARGS_TEXT;
  return [
    ...(badToken
      ? [
          issueAt(
            path(STATELESS_ONCE_ANNOTATION),
            token,
            `be a text of 1 to ${MAX_TOKEN} characters that was not used before`,
          ),
        ]
      : []),
    ...(longArgs ? [issueAt(path(ONCE_ARGS_ANNOTATION), args, `be at most ${MAX_ARGS_TEXT} characters`)] : []),
    ...(badArgs && !longArgs
      ? [issueAt(path(ONCE_ARGS_ANNOTATION), args, 'be a JSON list of strings such as ["--from","earliest"]')]
      : []),
  ];
}

function path(annotation: string): readonly string[] {
  return ['metadata', 'annotations', annotation];
}

function argsOf(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined; // the caller says what it must be
  }
}

/** The start without state that is asked for and was not done yet. */
export function onceWanted({ metadata }: Pick<KubeObject, 'metadata'>, spent: SpentOnce | undefined): Once | undefined {
  const { [STATELESS_ONCE_ANNOTATION]: token, [ONCE_ARGS_ANNOTATION]: args } = metadata.annotations ?? {};
  if (token === undefined || token === spent?.token) return undefined;
  return { token, args: args === undefined ? [] : (argsOf(args) ?? []) };
}

/** What a spec asks of the next start, once the annotations are looked at. */
export interface Asked {
  /** What of the state the next start keeps. */
  readonly mode: UpgradeMode;
  /** Why it keeps nothing, where it does not. */
  readonly whyEmpty: string;
  readonly diff: SpecDiff;
  /** Spent by the next start. */
  readonly once?: Once;
}

/** Reasons for which a job stands still until its user acts. */
const STUCK: ReadonlySet<string> = new Set(['JobFailed', 'RestoreFailed', 'ManualRestoreRequired']);

interface Given {
  readonly resource: KubeObject;
  readonly record: { readonly once?: SpentOnce } | undefined;
  readonly spec: FlinkDeploymentSpec;
  readonly diff: SpecDiff;
}

/**
 * What a spec asks of the next start: its own mode, or once nothing of the state. Of a job that stands still the next start
 * is at once, of any other it is the next upgrade. A start from a path that its user names spends no token, nor does a stop.
 */
export function askedOnce({ resource, record, spec, diff }: Given): Asked {
  const declared: Asked = { mode: spec.job?.upgradeMode ?? 'stateless', whyEmpty: 'upgradeMode is stateless', diff };
  const once = onceWanted(resource, record?.once);
  if (once === undefined || !spec.job || spec.job.state === 'suspended' || diff.kind === 'redeploy') return declared;
  const at = `metadata.annotations.${STATELESS_ONCE_ANNOTATION}`;
  const atOnce = isStuck(resource.status as FlinkDeploymentStatus | undefined) && diff.kind !== 'upgrade';
  const asked: SpecDiff = atOnce ? { kind: 'upgrade', paths: [...diff.paths, at] } : diff;
  return {
    mode: 'stateless',
    whyEmpty: `annotation ${STATELESS_ONCE_ANNOTATION} is ${JSON.stringify(once.token)}`,
    diff: asked,
    once,
  };
}

function isStuck(status: FlinkDeploymentStatus | undefined): boolean {
  const stalled = status?.conditions?.find(({ type }) => type === 'Stalled');
  return stalled?.status === 'True' && STUCK.has(stalled.reason);
}

/** The spec as it is started: with the arguments that hold for this one start. */
export function withOnceArgs<Spec extends FlinkDeploymentSpec>(
  spec: Spec,
  { once, timestamp }: { readonly once?: SpentOnce; readonly timestamp: number },
): Spec {
  if (once === undefined || once.at !== timestamp || once.args.length === 0 || !spec.job) return spec;
  return { ...spec, job: { ...spec.job, args: [...(spec.job.args ?? []), ...once.args] } };
}
