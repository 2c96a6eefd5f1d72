import { COUNTING, type CodeRef, type JobCode } from '../../flink/code.ts';
import type { SnapshotFate, SnapshotRequest } from '../../flink/world.ts';
import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, newImage, REST, scenario } from './steps.ts';

const CHECK = 'kubernetes.operator.cluster.health-check.';
const CHECKED = {
  [`${CHECK}enabled`]: 'true',
  [`${CHECK}restarts.threshold`]: '3',
  [`${CHECK}restarts.window`]: '1 min',
  'execution.checkpointing.timeout': '10 s',
};

const MODES = ['native', 'standalone'] as const;

const VARIANTS: readonly Variant[] = [
  { mode: 'native', upgradeMode: 'last-state', options: CHECKED },
  { mode: 'standalone', upgradeMode: 'last-state', options: CHECKED },
  { mode: 'native', upgradeMode: 'stateless', ha: false, options: CHECKED },
];

const pass = (name: string, until: Step['until']): Step => ({ name, act: () => undefined, until });

/** The third checkpoint never completes, and Flink takes no other until it is over. */
function stalling({ cause }: SnapshotRequest, n: number): SnapshotFate | undefined {
  return cause === 'interval' && n === 3 ? { kind: 'never' } : undefined;
}

/** The second image has a bug. */
function failing({ image }: CodeRef): JobCode {
  return image === 'jobs:2' ? { ...COUNTING, failsAfterMs: 2_000 } : COUNTING;
}

/** Clusters that are started anew because their job is ill. */
const HEALTH_LIVES: readonly Scenario[] = VARIANTS.flatMap((variant) => [
  scenario(variant, 'checkpoints stall', [create, pass('stall', 90_000), pass('heal', REST)], {
    flink: { fate: stalling },
  }),
  scenario(
    variant,
    'restarted too often',
    [create, afterCheckpoints, newImage(60_000), edit('mended image', { image: 'jobs:3' })],
    { flink: { code: failing } },
  ),
]);

const SHORT_LIVED = { 'kubernetes.operator.jm-deployment.shutdown-ttl': '30 s' };

/** The first image holds a job that ends by itself. */
const ending =
  (end: Partial<JobCode>) =>
  ({ image }: CodeRef): JobCode =>
    image === 'jobs:1' ? { ...COUNTING, ...end } : COUNTING;

const END = [create, pass('end', 90_000), pass('cluster gone', REST), edit('another job', { image: 'jobs:2' })];

/** Jobs that end, whose clusters go later, and that are started again by an edit. */
const ENDED_LIVES: readonly Scenario[] = MODES.flatMap((mode) => [
  scenario({ mode, upgradeMode: 'stateless', ha: false, options: SHORT_LIVED }, 'batch job finishes', END, {
    flink: { code: ending({ finishesAfterMs: 15_000 }) },
  }),
  scenario({ mode, upgradeMode: 'last-state', options: SHORT_LIVED }, 'job fails for good', END, {
    flink: { code: ending({ failsAfterMs: 15_000, noRestart: true }) },
  }),
]);

const nodeLost: Step = {
  name: 'lose a node',
  act: (stage) => {
    stage.crash('jobmanager');
    stage.deletePod('jobmanager');
    stage.crash('taskmanager');
    stage.deletePod('taskmanager');
  },
  until: REST,
};

/** A node goes with the JobManager and a TaskManager on it: at rest, and while the job is being stopped for an upgrade. */
const NODE_LIVES: readonly Scenario[] = MODES.flatMap((mode) => [
  scenario({ mode, upgradeMode: 'last-state' }, 'node lost', [create, afterCheckpoints, nodeLost]),
  scenario({ mode, upgradeMode: 'savepoint' }, 'node lost during upgrade', [
    create,
    afterCheckpoints,
    newImage(1_000),
    nodeLost,
  ]),
]);

/** Lives in which the cluster, or the job itself, does not get on. */
export const RECOVERY_LIVES: readonly Scenario[] = [...HEALTH_LIVES, ...ENDED_LIVES, ...NODE_LIVES];
