import type { KubeObject } from '../kube/object.ts';
import { hashHex } from '../lib/hash.ts';
import { canonicalJson, isRecord } from '../lib/json.ts';
import { once, remembered, rememberedWith } from '../lib/remembered.ts';
import { decodedBeside, decodeSpec, encodeSpec } from './recorded-spec.ts';
import { LAST_STATE_PATH, type Restore } from './restore.ts';
import type { RestoreFailure } from './restore-failure.ts';
import type {
  FlinkDeploymentSpec,
  FlinkDeploymentStatus,
  FlinkJobStatus,
  FlinkReconciliationStatus,
  FlinkRestoreFailure,
  ReconciliationState,
  UpgradeMode,
} from './schema.ts';
import type { SpentOnce } from './stateless-once.ts';
import { foreignRestore, isBeingCancelled } from './taken-over.ts';
import { readScaling, readStopping, type Scaling, type Stopping } from './under-way.ts';

export type { Scaling, Stopping } from './under-way.ts';

/*
 * The record is what must survive a crash. It lives in the incumbent's own status fields, so that either operator can
 * take over from the other:
 *
 *   state      recorded job.state   meaning
 *   UPGRADING  suspended            a start is under way: anything of another start goes, then this spec is deployed
 *   UPGRADING  suspended, failure   that start failed for good, since its state cannot be restored: nothing runs
 *   DEPLOYED   running              this spec was deployed
 *   DEPLOYED   running, stopping    Flink was asked to stop the job, by a savepoint or by cancelling it
 *   DEPLOYED   running, scaling     what runs is being given the size of this spec
 *   DEPLOYED   suspended            the user suspended the job: nothing may run
 *   ROLLING_BACK  running           this spec was deployed and rejected, and its job is being stopped
 *   ROLLING_BACK  suspended         a start of lastStableSpec is under way, since this spec was rejected
 *   ROLLED_BACK   running           lastStableSpec was deployed, since this spec was rejected
 *
 * A session has no job.state: it is never being stopped for a rollback, only started anew.
 *
 * While nothing runs, job.upgradeMode of the recorded spec says what the next run starts from, as the incumbent has it.
 */

export { encodeSpec };

/** What was last decided about a deployment: written to its status before anything it announces is done. */
export interface FlinkRecord {
  readonly state: 'UPGRADING' | 'DEPLOYED';
  /** The spec last acted on, as its author wrote it, with job.state as recorded. */
  readonly spec: FlinkDeploymentSpec;
  readonly jobState: 'running' | 'suspended';
  readonly firstDeployment: boolean;
  /** When this was decided, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** 32 hex digits, chosen before the job is started. */
  readonly jobId: string | undefined;
  /** What the run under way started from; of a job that ended or is suspended, what its next run starts from. */
  readonly restore: Restore;
  /** The spec its author wants, which did not become stable: `spec` is the last stable one, or is being stopped for it. */
  readonly rejected?: FlinkDeploymentSpec;
  /** The last start without state that an annotation asked for. */
  readonly once?: SpentOnce;
  /** The job is being stopped; only with a job that is recorded as deployed and running. */
  readonly stopping?: Stopping;
  /** What runs is being given the size of `spec` in place, likewise. */
  readonly scaling?: Scaling;
}

/** Reads the record from a status; undefined when nothing was ever deployed or the text cannot be read. */
export function readRecord(status: FlinkDeploymentStatus | undefined): FlinkRecord | undefined {
  return status === undefined ? undefined : recordIn({ status, beside: status });
}

/** The same for a resource as the caches hold it: where its record says what it said before, the recorded spec is the same object. */
export function recordOf({ status, spec }: KubeObject): FlinkRecord | undefined {
  return isRecord(status) ? recordIn({ status, beside: isRecord(spec) ? spec : status }) : undefined;
}

interface Told {
  readonly status: FlinkDeploymentStatus;
  /** See decodedBeside. */
  readonly beside: object;
}

const recordIn = rememberedWith(
  ({ status }: Told) => status,
  () => [],
  ({ status, beside }): FlinkRecord | undefined => {
    const reconciliation = status.reconciliationStatus;
    const decoded = decodedBeside({ beside, text: reconciliation?.lastReconciledSpec });
    if (decoded === undefined) return undefined;
    const { spec, firstDeployment } = decoded;
    const jobState = spec.job?.state === 'suspended' ? 'suspended' : 'running';
    const state = isBeingCancelled(status, spec) ? 'DEPLOYED' : stateOf(reconciliation?.state, spec);
    const nextMode = jobState === 'suspended' ? spec.job?.upgradeMode : undefined;
    return {
      state,
      ...specsOf(spec, status),
      jobState,
      firstDeployment,
      timestamp: reconciliation?.reconciliationTimestamp ?? 0,
      jobId: status.jobStatus?.jobId ?? undefined,
      restore: ownRestore(status, nextMode) ?? foreignRestore(status, decoded),
      ...readOnce(status),
      ...(state === 'DEPLOYED' && jobState === 'running'
        ? { ...readStopping(status, spec), ...readScaling(status) }
        : {}),
    };
  },
);

function stateOf(recorded: ReconciliationState | undefined, spec: FlinkDeploymentSpec): FlinkRecord['state'] {
  if (recorded === 'UPGRADING') return 'UPGRADING';
  return recorded === 'ROLLING_BACK' && isStopped(spec) ? 'UPGRADING' : 'DEPLOYED';
}

/** Whether a recorded spec that was rejected runs no more: its job is stopped first, a session is started anew at once. */
function isStopped({ job }: FlinkDeploymentSpec): boolean {
  return job === undefined || job === null || job.state === 'suspended';
}

/** The spec that runs or is started, and the one that was rejected for it. */
function specsOf(recorded: FlinkDeploymentSpec, status: FlinkDeploymentStatus): Pick<FlinkRecord, 'spec' | 'rejected'> {
  const { state } = status.reconciliationStatus ?? {};
  if (state !== 'ROLLING_BACK' && state !== 'ROLLED_BACK') return { spec: withDeclaredMode(recorded, status) };
  const stopping = state === 'ROLLING_BACK' && !isStopped(recorded);
  return { spec: stopping ? recorded : (lastStableSpec(status) ?? recorded), rejected: recorded };
}

/** The spec whose job last ran well; undefined when there is none. */
export function lastStableSpec(status: FlinkDeploymentStatus | undefined): FlinkDeploymentSpec | undefined {
  return stableSpec(status?.reconciliationStatus ?? NOTHING);
}

const NOTHING: FlinkReconciliationStatus = {};

const stableSpec = remembered(({ lastStableSpec: text }: FlinkReconciliationStatus) => decodeSpec(text)?.spec);

/** status.reconciliationStatus.state of a record. */
export function reconciliationStateOf({ state, rejected, spec }: FlinkRecord): ReconciliationState {
  if (rejected === undefined) return state;
  return state === 'UPGRADING' || rejected === spec ? 'ROLLING_BACK' : 'ROLLED_BACK';
}

/** The mode its author declared, where the recorded spec holds the mode of the next run in its place. */
function withDeclaredMode(spec: FlinkDeploymentSpec, status: FlinkDeploymentStatus | undefined): FlinkDeploymentSpec {
  const declared = status?.restore?.declaredMode;
  if (spec.job === undefined || spec.job === null || spec.job.state !== 'suspended' || declared === undefined)
    return spec;
  return { ...spec, job: { ...spec.job, upgradeMode: declared } };
}

/** What Weir wrote, unless another operator's fields tell of another start. `recordedMode` holds while nothing runs. */
function ownRestore(
  status: FlinkDeploymentStatus | undefined,
  recordedMode: UpgradeMode | undefined,
): Restore | undefined {
  const own = status?.restore;
  if (own?.mode === undefined || !isOfStart(own, status?.jobStatus ?? {}, recordedMode)) return undefined;
  const { mode, path, checkpointId, startedEmpty, leftBy, askedAt, failure, why = '' } = own;
  return {
    mode,
    why,
    ...(startedEmpty === true ? { startedEmpty } : {}),
    ...(path === undefined ? {} : { path }),
    ...(checkpointId === undefined ? {} : { checkpointId }),
    ...(leftBy === undefined ? {} : { leftBy }),
    ...(askedAt === undefined ? {} : { askedAt }),
    ...(failure?.kind === undefined ? {} : { failure: readFailure(failure, failure.kind) }),
  };
}

type RecordedRestore = NonNullable<FlinkDeploymentStatus['restore']>;

/** Whether what Weir wrote is of the start that the incumbent's fields tell of. */
function isOfStart(own: RecordedRestore, job: FlinkJobStatus, recordedMode: UpgradeMode | undefined): boolean {
  const { mode, path, leftBy } = own;
  const { upgradeSavepointPath: noted, jobId } = job;
  const spent = mode === 'savepoint' && path === undefined && leftBy !== undefined && noted === LAST_STATE_PATH;
  if (spent) return recordedMode === undefined ? leftBy === jobId : recordedMode === mode;
  return mode === (recordedMode ?? modeOfRun(noted)) && (mode !== 'savepoint' || path === noted);
}

function readFailure(
  { operators = [], path, cause = '' }: FlinkRestoreFailure,
  kind: RestoreFailure['kind'],
): RestoreFailure {
  return { kind, operators, cause, ...(path === undefined ? {} : { path }) };
}

function readOnce(status: FlinkDeploymentStatus): { once?: SpentOnce } {
  const { token, args = [], at = 0 } = status.statelessOnce ?? {};
  return token === undefined ? {} : { once: { token, args, at } };
}

function modeOfRun(path: string | undefined): UpgradeMode {
  if (path === undefined) return 'stateless';
  return path === LAST_STATE_PATH ? 'last-state' : 'savepoint';
}

/** lastReconciledSpec of a record: what its author wants, whether it runs or was rejected. */
export function encodeRecord({ rejected, spec, jobState, firstDeployment, restore }: FlinkRecord): string {
  return encodeSpec(rejected ?? spec, jobState, firstDeployment, restore.mode);
}

/** The spec a record stands for, with the job.state it asks for rather than the one it passes through. */
export function recordedWish(record: FlinkRecord): FlinkDeploymentSpec {
  const state = record.state === 'UPGRADING' ? 'running' : record.jobState;
  return wishesOf(record.rejected ?? record.spec)[state]();
}

const wishesOf = remembered((spec: FlinkDeploymentSpec) => {
  const { job } = spec;
  const withState = (state: FlinkRecord['jobState']) =>
    job === undefined || job === null ? spec : { ...spec, job: { ...job, state } };
  return { running: once(() => withState('running')), suspended: once(() => withState('suspended')) };
});

/**
 * Names one start of a cluster: the same for every pass that carries out the same record, different for every new
 * decision to start, known before anything is created.
 */
export function startIdOf(
  uid: string,
  record: { readonly jobId: string | undefined; readonly timestamp: number },
): string {
  return hashHex(canonicalJson([uid, record.jobId ?? '', record.timestamp]));
}

/** A fresh Flink job id (32 hex digits) for a start decided at `timestamp`; repeating the decision gives the same id. */
export function newJobId(uid: string, generation: number, timestamp: number): string {
  return hashHex(canonicalJson(['job', uid, generation, timestamp]), 32);
}

/** Whether a job may run by its record: then it has state that only stopping it keeps. */
export function runs({ state, jobState }: FlinkRecord): boolean {
  return state === 'DEPLOYED' && jobState === 'running';
}

/** Whether the last stable spec stands in for a rejected one. */
export function isRolledBack({ rejected, spec }: FlinkRecord): boolean {
  return rejected !== undefined && rejected !== spec;
}

/** Why the recorded start failed for good; undefined unless it did. */
export function recordedFailure(record: FlinkRecord | undefined): RestoreFailure | undefined {
  return record?.state === 'UPGRADING' ? record.restore.failure : undefined;
}

/** Names one request to stop a job: the same for every pass that repeats it, another after each failure. */
export function stopTriggerId(
  uid: string,
  record: FlinkRecord,
  { by, since, failures }: Pick<Stopping, 'by' | 'since' | 'failures'>,
): string {
  return hashHex(canonicalJson(['stop', startIdOf(uid, record), by, since, failures]), 32);
}
