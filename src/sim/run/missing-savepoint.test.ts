import { expect, it } from 'vitest';
import type { FlinkDeploymentStatus } from '../../flink/schema.ts';
import { findCondition } from '../../kube/conditions.ts';
import { liveFlink } from './flink-life.ts';
import type { Step } from './scenario.ts';
import { afterCheckpoints, create, REST, scenario } from './scenarios/steps.ts';
import type { Stage } from './stage.ts';

const GONE = 's3://state/savepoints/gone';
const MESSAGE =
  `the job cannot be restored from ${GONE}: there is no state at ${GONE} (java.io.FileNotFoundException: Cannot find ` +
  `checkpoint or savepoint file/directory '${GONE}' on file system 's3'.). Nothing runs and its state is kept. Put the state ` +
  'back and change spec.restartNonce, set spec.job.initialSavepointPath to other state and change ' +
  'spec.job.savepointRedeployNonce, or annotate the resource with weir.dev/stateless-once: "<any new text>" to start once ' +
  'without state';

const statusIn = (stage: Stage): FlinkDeploymentStatus => (stage.stored()?.status ?? {}) as FlinkDeploymentStatus;

function redeploy(name: string, from: (stage: Stage) => string, nonce: number): Step {
  const act = (stage: Stage): void =>
    stage.edit({ job: { initialSavepointPath: from(stage), savepointRedeployNonce: nonce } });
  return { name, act, until: REST };
}

it('a savepoint path that is not there stops the start, is named, and what the run before left is not lost', async () => {
  const told: FlinkDeploymentStatus[] = [];
  const look: Step = { name: 'look', act: (stage) => told.push(statusIn(stage)), until: 1_000 };
  const left = (stage: Stage): string => / is (s3:\S+)$/.exec(statusIn(stage).restore?.why ?? '')?.[1] ?? '';
  const steps = [
    create,
    afterCheckpoints,
    redeploy('from a path that is not there', () => GONE, 1),
    look,
    redeploy('from what the run before left', left, 2),
  ];
  const life = scenario({ mode: 'native', upgradeMode: 'last-state' }, 'redeployed from nowhere', steps);
  const { violations } = await liveFlink(life);
  expect(violations).toEqual([]);
  const [stuck] = told;
  expect(stuck).toMatchObject({ lifecycleState: 'FAILED', jobStatus: { state: 'FAILED' } });
  expect(stuck?.restore).toMatchObject({ path: GONE, failure: { kind: 'missing-state', path: GONE } });
  expect(findCondition(stuck?.conditions, 'Stalled')).toMatchObject({ reason: 'RestoreFailed', message: MESSAGE });
  expect(JSON.parse(stuck?.error ?? '{}')).toEqual({ type: 'RestoreFailed', message: MESSAGE });
});
