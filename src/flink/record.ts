import { hashHex } from '../lib/hash.ts';
import { canonicalJson, isRecord } from '../lib/json.ts';
import { type FlinkDeploymentSpec, type FlinkDeploymentStatus, parseFlinkDeploymentSpec } from './schema.ts';

/*
 * The record is what must survive a crash. It lives in the incumbent's own status fields, so that either operator can
 * take over from the other:
 *
 *   state      recorded job.state   meaning
 *   UPGRADING  suspended            a start is under way: anything of another start goes, then this spec is deployed
 *   DEPLOYED   running              this spec was deployed
 *   DEPLOYED   suspended            the user suspended the job: nothing may run
 */

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
}

/** Reads the record from a status; undefined when nothing was ever deployed or the text cannot be read. */
export function readRecord(status: FlinkDeploymentStatus | undefined): FlinkRecord | undefined {
  const reconciliation = status?.reconciliationStatus;
  const text = reconciliation?.lastReconciledSpec;
  const decoded = text === undefined || text === null ? undefined : decode(text);
  if (decoded === undefined) return undefined;
  return {
    state: reconciliation?.state === 'UPGRADING' ? 'UPGRADING' : 'DEPLOYED',
    spec: decoded.spec,
    jobState: decoded.spec.job?.state === 'suspended' ? 'suspended' : 'running',
    firstDeployment: decoded.firstDeployment,
    timestamp: reconciliation?.reconciliationTimestamp ?? 0,
    jobId: status?.jobStatus?.jobId ?? undefined,
  };
}

/** lastReconciledSpec as text: the spec with its job.state, and the metadata the incumbent expects beside it. */
export function encodeSpec(
  spec: FlinkDeploymentSpec,
  jobState: 'running' | 'suspended',
  firstDeployment: boolean,
): string {
  const recorded =
    spec.job === undefined || spec.job === null ? spec : { ...spec, job: { ...spec.job, state: jobState } };
  return JSON.stringify({
    spec: recorded,
    resource_metadata: { apiVersion: 'flink.apache.org/v1beta1', firstDeployment },
  });
}

/** Accepts both encodings: `{spec, resource_metadata}` and, from early releases, the bare spec with an apiVersion key. */
function decode(text: string): { spec: FlinkDeploymentSpec; firstDeployment: boolean } | undefined {
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const metadata = value.resource_metadata;
  const bare = isRecord(metadata) ? value.spec : value;
  if (!isRecord(bare)) return undefined;
  const { apiVersion: _apiVersion, ...spec } = bare;
  const parsed = parseFlinkDeploymentSpec(spec); // drops the nulls that the incumbent writes
  return {
    spec: parsed.ok ? parsed.value : (spec as FlinkDeploymentSpec),
    firstDeployment: isRecord(metadata) && metadata.firstDeployment === true,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an unreadable record is no record; the caller says so
  }
}

/** The spec a record stands for, with the job.state it asks for rather than the one it passes through. */
export function recordedWish(record: FlinkRecord): FlinkDeploymentSpec {
  const { spec } = record;
  if (spec.job === undefined || spec.job === null) return spec;
  const state = record.state === 'UPGRADING' ? 'running' : record.jobState;
  return { ...spec, job: { ...spec.job, state } };
}

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
