import { gateIssues, type StartCheck } from '../core/capacity/gate.ts';
import type { Issue } from '../core/issue.ts';
import type { Action, EventDraft } from '../core/plan.ts';
import { type Refusal, refusalFor } from '../core/refusal.ts';
import type { KubeObject } from '../kube/object.ts';
import { isNestedDeeperThan } from '../kube/parse.ts';
import { hashHex } from '../lib/hash.ts';
import { canonicalJson, isRecord } from '../lib/json.ts';
import { remembered, rememberedWith } from '../lib/remembered.ts';
import { checkSubmission } from './capacity.ts';
import { batchIssues } from './conf/batch.ts';
import { confMapName, SPARK_LABELS } from './conf/submission.ts';
import type { Observed } from './observed.ts';
import type { ForeignReason, SparkReason } from './reasons.ts';
import { readRecord, type SparkRecord } from './record.ts';
import {
  MAX_DEPTH,
  parseSparkApplicationSpec,
  type SparkApplication,
  type SparkApplicationSpec,
  type SparkApplicationStatus,
} from './schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from './settings.ts';
import { validateSpec } from './validate.ts';

/** Everything a policy may look at. */
export interface Situation {
  readonly resource: KubeObject;
  readonly status: SparkApplicationStatus | undefined;
  readonly record: SparkRecord;
  readonly now: Date;
  readonly observed: Observed;
  readonly settings: SparkSettings;
  /** The resource, where its spec can be acted on. */
  readonly application: SparkApplication | undefined;
  readonly refusal: Refusal<SparkReason> | undefined;
  /** Hash of what a run follows from in the spec. */
  readonly specHash: string;
  /** The same without where executors are placed. */
  readonly programHash: string;
  /** Where executors are placed was changed, and that is no other run. */
  readonly placed: boolean;
  /** The spec asks for another run than the recorded one. */
  readonly changed: boolean;
  /** The driver pod of the recorded submission. */
  readonly driver: KubeObject | undefined;
  /** Whether its conf folder is there, which is made after the pod and without which no driver starts. */
  readonly hasConf: boolean;
  /** Whether its driver pod was made for certain: it is not made again, even if it is nowhere to be seen. */
  readonly made: boolean;
  /** Driver pods of other submissions, which must go. */
  readonly strays: readonly KubeObject[];
  /** Whether a submission that is wanted or under way fits. */
  readonly check: StartCheck;
}

/** A plan for a SparkApplication has no effects: all it takes is writing objects. */
export type SparkAction = Action<never>;

/** What a policy wants: a plan without the status, which status.ts derives. */
export interface Intent {
  readonly because: SparkReason | ForeignReason;
  readonly message: string;
  /** settled: as wanted. progressing: on its way. stalled: a human must change something. */
  readonly phase: 'settled' | 'progressing' | 'stalled';
  /** What is recorded anew. */
  readonly record?: SparkRecord;
  readonly actions?: readonly SparkAction[];
  readonly events?: readonly EventDraft[];
  readonly requeueAfterMs?: number;
}

/** Puts together what the policies look at. Pure; never throws, whatever the resource holds. */
export function situationOf(
  resource: KubeObject,
  observed: Observed,
  now: Date,
  settings: SparkSettings = DEFAULT_SETTINGS,
): Situation {
  const status = isRecord(resource.status) ? (resource.status as SparkApplicationStatus) : undefined;
  const before = readRecord(status);
  const { specHash, programHash } = hashesOf(resource.spec);
  const placed = settings.partialRestart && isPlacement(before, { specHash, programHash });
  const record = placed ? { ...before, specHash } : before;
  const id = record.submission?.submissionId;
  const isRecorded = ({ metadata }: KubeObject): boolean =>
    id !== undefined && metadata.labels?.[SPARK_LABELS.submissionId] === id;
  const read = applicationOf(resource, settings);
  const changed = record.specHash !== undefined && record.specHash !== specHash;
  const hasConf = observed.supports.some((object) => isRecorded(object) && isConf(object, record));
  return {
    resource,
    status,
    record,
    now,
    observed,
    settings,
    ...read,
    specHash,
    programHash,
    placed,
    changed,
    check: checkSubmission({ application: read.application, record, changed, observed, settings, now }),
    driver: observed.drivers.find(isRecorded),
    hasConf,
    made: hasConf || record.seen,
    strays: observed.drivers.filter((driver) => !isRecorded(driver)),
  };
}

function isConf({ kind, metadata }: KubeObject, { submission }: SparkRecord): boolean {
  return kind === 'ConfigMap' && submission !== undefined && metadata.name === confMapName(submission);
}

/** What keeps the spec of a resource from being acted on; undefined when nothing does. Pure; never throws. */
export function refusalOf(resource: KubeObject): Refusal | undefined {
  return applicationOf(resource, DEFAULT_SETTINGS).refusal;
}

function applicationOf(resource: KubeObject, settings: SparkSettings): Pick<Situation, 'application' | 'refusal'> {
  const { spec: wanted, issues: own } = isRecord(resource.spec)
    ? judgedOnce({ ...resource, spec: resource.spec })
    : judged(resource);
  const issues = wanted === undefined ? own : [...own, ...batchIssues(wanted, settings), ...gateIssues(resource)];
  if (wanted !== undefined && issues.length === 0) {
    const { status: _status, ...rest } = resource;
    return { application: { ...rest, spec: wanted }, refusal: undefined };
  }
  return { application: undefined, refusal: refusalFor('ValidationError', issues) };
}

interface Judged {
  /** The spec, where it fits the schema. */
  readonly spec: SparkApplicationSpec | undefined;
  readonly issues: readonly Issue[];
}

/** What is wrong with a spec by itself. */
function judged({ metadata, spec }: KubeObject): Judged {
  const parsed = parseSparkApplicationSpec(spec);
  return parsed.ok
    ? { spec: parsed.value, issues: validateSpec(metadata, parsed.value) }
    : { spec: undefined, issues: parsed.error };
}

/** The same, remembered: of most versions of a resource only the status is another. */
const judgedOnce = rememberedWith(
  ({ spec }: KubeObject & { readonly spec: object }) => spec,
  ({ metadata: { name, namespace, labels } }) => [name, namespace, labels],
  judged,
);

interface Hashes {
  readonly specHash: string;
  readonly programHash: string;
}

/** See the fields of the same names of a situation. */
function hashesOf(spec: unknown): Hashes {
  return isRecord(spec) ? hashedOnce(spec) : hashed(spec);
}

function hashed(spec: unknown): Hashes {
  const [specHash, program] = [specHashOf(spec), withoutPlacement(spec)];
  return { specHash, programHash: program === spec ? specHash : specHashOf(program) };
}

const hashedOnce = remembered((spec: Record<string, unknown>) => hashed(spec));

/** Fields that may change without another run: they say when to run and when to forget, not what. */
function specHashOf(spec: unknown): string {
  if (isNestedDeeperThan(spec, MAX_DEPTH)) return hashHex('nested too deeply');
  const { suspend: _suspend, timeToLiveSeconds: _ttl, ...what } = isRecord(spec) ? spec : {};
  return hashHex(canonicalJson(what));
}

/** Fields of spec.executor that say where executors run, and nothing about what (Kubeflow Spark Operator 2.5, PartialRestart). */
const PLACEMENT = ['priorityClassName', 'nodeSelector', 'tolerations', 'affinity', 'schedulerName'] as const;

function withoutPlacement(spec: unknown): unknown {
  if (!isRecord(spec) || !isRecord(spec.executor)) return spec;
  const executor: Record<string, unknown> = { ...spec.executor };
  if (!PLACEMENT.some((field) => Object.hasOwn(executor, field))) return spec;
  for (const field of PLACEMENT) delete executor[field];
  return { ...spec, executor };
}

/** A driver that was never seen may still be made, and then is made from the spec that was recorded. */
function isPlacement(
  record: SparkRecord,
  { specHash, programHash }: Pick<Situation, 'specHash' | 'programHash'>,
): boolean {
  if (record.state === 'SUBMITTED' && !record.seen) return false;
  const differs = record.specHash !== undefined && record.specHash !== specHash;
  return differs && record.programHash === programHash;
}
