import { type FlinkRecord, readRecord, recordedWish } from '../record.ts';
import type { FlinkSessionJobSpec, FlinkSessionJobStatus } from './schema.ts';

/**
 * What was last decided about a session job: the same as of a FlinkDeployment, in the same fields, and read alike.
 * UPGRADING: the job is being submitted under `jobId`. DEPLOYED: that job was seen on the session.
 */
export interface SessionJobRecord extends FlinkRecord {
  readonly spec: FlinkSessionJobSpec;
}

/** Reads the record from a status; undefined when nothing was ever submitted or the text cannot be read. */
export function readSessionJobRecord(status: FlinkSessionJobStatus | undefined): SessionJobRecord | undefined {
  return readRecord(status);
}

/** The spec a record stands for, with the job.state it asks for rather than the one it passes through. */
export function recordedSessionJobWish(record: SessionJobRecord): FlinkSessionJobSpec {
  return recordedWish(record);
}
