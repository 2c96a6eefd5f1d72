import { knownValue } from '../../../core/fact.ts';
import { flinkVersionOf } from '../../conf/versions.ts';
import { heldBy, type Subject } from '../../taking/subject.ts';
import { withLastSavepoint, withTaken } from '../../taking/take.ts';
import { type Intent, recordedConf, type Situation } from '../situation.ts';

/** Adds to what a pass wants the snapshots that are due by nonce or schedule, and takes away those whose time is over. */
export function withSnapshots(situation: Situation, intent: Intent): Intent {
  const subject = subjectOf(situation, intent);
  return subject === undefined ? intent : withTaken(intent, subject);
}

/** Adds to what a pass of a deletion wants that the job's last savepoint is kept among its snapshots. */
export function withDeletionSavepoint(situation: Situation, intent: Intent): Intent {
  const subject = subjectOf(situation, intent);
  return subject === undefined ? intent : withLastSavepoint(intent, subject);
}

function subjectOf(situation: Situation, intent: Intent): Subject | undefined {
  const { resource, record, target, observed, session, status, now } = situation;
  if (!record?.spec.job || !target?.spec.job) return undefined;
  return {
    resource,
    wanted: target.spec.job,
    recorded: record.spec.job,
    jobStatus: status?.jobStatus ?? {},
    flinkVersion: flinkVersionOf(session.kind === 'ready' ? session.spec : {}),
    ...heldBy(() => recordedConf(situation, record)),
    record,
    next: intent.record ?? record,
    dependants: observed.dependants ?? [],
    answer: knownValue(observed.rest),
    snapshots: observed.snapshots ?? [],
    runs: intent.because === 'JobRunning' && session.kind === 'ready',
    now,
  };
}
