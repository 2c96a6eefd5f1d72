import { hashHex } from '../../../lib/hash.ts';
import { canonicalJson } from '../../../lib/json.ts';
import { atLeast, flinkVersionOf } from '../../conf/versions.ts';
import type { FlinkConf } from '../../flink-conf.ts';
import { jobOptions } from '../../options.ts';
import { withOnceArgs } from '../../stateless-once.ts';
import { jarSourceOf } from '../jar.ts';
import { submittedOptions } from '../job-conf.ts';
import type { SessionJobRecord } from '../record.ts';
import type { FlinkSessionJobSpec } from '../schema.ts';
import type { ReadySession, Situation } from '../situation.ts';
import { type JarToRun, jarRulesOf, type RunRequest, type Submission } from '../submission.ts';

/** The jar a spec needs; `conf` is what holds for the job. */
export function jarToRun({ resource }: Situation, spec: FlinkSessionJobSpec, conf: FlinkConf): JarToRun {
  const { uid, generation } = resource.metadata;
  const prefix = `weir-${hashHex(uid ?? '')}-`;
  const name = `${prefix}${hashHex(canonicalJson([generation ?? 0, spec.job?.jarURI ?? '']))}.jar`;
  const source = jarSourceOf(spec.job ?? {});
  if (source.kind !== 'remote') return { prefix, name };
  const headers = jobOptions(conf).artifactHttpHeaders;
  return { prefix, name, artifact: { url: source.url, headers, ...jarRulesOf(conf) } };
}

/** The submission of a recorded start to a session that is there. */
export function submissionOf(situation: Situation, record: SessionJobRecord, session: ReadySession): Submission {
  const { jobId = '' } = record;
  const spec = withOnceArgs(record.spec, record);
  const { entryClass, args = [], parallelism = 0 } = spec.job ?? {};
  const version = flinkVersionOf(session.spec);
  const { resource, defaults } = situation;
  const options = submittedOptions(resource.metadata.name, spec, session.object, defaults);
  return {
    jar: jarToRun(situation, spec, session.conf),
    run: {
      jobId,
      ...(entryClass === undefined || entryClass === '' ? {} : { entryClass }),
      ...(args.length === 0 ? {} : { programArgsList: args }),
      ...(parallelism > 0 ? { parallelism } : {}),
      ...stateOf(record),
      ...(atLeast(version, 'v1_17') ? { flinkConfiguration: options } : {}),
    },
  };
}

/** What a submission starts from; one in place of a spec that was rejected drops no state. */
function stateOf({
  spec,
  restore: { mode, path },
  rejected,
}: SessionJobRecord): Pick<RunRequest, 'savepointPath' | 'allowNonRestoredState'> {
  const drops = rejected === undefined ? spec.job?.allowNonRestoredState : false;
  return {
    ...(drops === undefined ? {} : { allowNonRestoredState: drops }),
    ...(mode === 'savepoint' && path !== undefined ? { savepointPath: path } : {}),
  };
}
