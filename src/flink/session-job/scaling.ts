import { startedCluster } from '../started-cluster.ts';
import { canRescale, type VertexSizes, vertexSizes } from '../vertex-sizes.ts';
import { recordedConf, type Situation } from './situation.ts';

/**
 * The sizes to give the vertices of a running job so that it is as its user wants it, where the spec differs in those alone;
 * undefined where only another submission can do that. The session's configuration chooses the scheduler of every job on it
 * (JobMasterServiceLeadershipRunnerFactory, Flink 1.18 to 2.3). Without high availability a session that starts anew runs no
 * job, so none could fall back to its old sizes.
 */
export function sizesInPlace(situation: Situation): VertexSizes | undefined {
  const { record, target, observed, defaults } = situation;
  if (record === undefined || target?.diff.kind !== 'scale' || observed.session === undefined) return undefined;
  const session = startedCluster(observed.session, defaults);
  if (session === undefined || !canRescale(session.record.spec, session.conf)) return undefined;
  return vertexSizes(recordedConf(situation, record), target.conf);
}
