import { flinkVersionOf } from '../../conf/versions.ts';
import type { Subject } from '../../taking/subject.ts';
import { withTaken } from '../../taking/take.ts';
import { jobConf } from '../job-conf.ts';
import type { Intent, Situation } from '../situation.ts';

/** Adds to what a pass wants the snapshots that are due by nonce or schedule, and takes away those whose time is over. */
export function withSnapshots(situation: Situation, intent: Intent): Intent {
  const subject = subjectOf(situation, intent);
  return subject === undefined ? intent : withTaken(intent, subject);
}

function subjectOf(situation: Situation, { because }: Intent): Subject | undefined {
  const { resource, record, target, observed, session, status, now, defaults } = situation;
  if (!record?.spec.job || !target?.spec.job) return undefined;
  const { spec } = record;
  return {
    resource,
    wanted: target.spec.job,
    recorded: record.spec.job,
    jobStatus: status?.jobStatus ?? {},
    flinkVersion: flinkVersionOf(session.kind === 'ready' ? session.spec : {}),
    conf: () => jobConf(resource.metadata.name, spec, observed.session, defaults),
    snapshots: observed.snapshots ?? [],
    runs: because === 'JobRunning' && session.kind === 'ready',
    now,
  };
}
