import type { FlinkDeploymentStatus } from '../../../flink/schema.ts';
import { COUNTING } from '../../flink/code.ts';
import { sessionJob, type Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { create, edit, newImage, REST, resume, scenario, suspend, take } from './steps.ts';

/** A batch job: it takes a few checkpoints and has done all its work after this many milliseconds. */
const BATCH = { code: () => ({ ...COUNTING, finishesAfterMs: 35_000 }) };
/** One that takes long enough for a savepoint that is asked for only when a list tells of it. */
const LONG_BATCH = { code: () => ({ ...COUNTING, finishesAfterMs: 110_000 }) };

/** The cluster of a job that has ended goes after this, which is longer than it takes to come to rest. */
const SHORT = { 'kubernetes.operator.jm-deployment.shutdown-ttl': '40 s' };

const STATELESS: Variant = { mode: 'native', upgradeMode: 'stateless', ha: false };
const LAST_STATE: Variant = { mode: 'native', upgradeMode: 'last-state' };
const SAVEPOINT: Variant = { mode: 'native', upgradeMode: 'savepoint' };
const STANDALONE: Variant = { mode: 'standalone', upgradeMode: 'last-state' };

const settle: Step = { name: 'go on', act: () => undefined, until: REST };
const finish: readonly Step[] = [{ name: 'finish', act: () => undefined, until: saysFinished }, settle];
const FINISHED: readonly Step[] = [create, ...finish];

const SAVED: readonly Step[] = [
  { ...create, until: 20_000 },
  take({ savepoint: { disposeOnDelete: false } }, hasSavepoint),
  ...finish,
];

function hasSavepoint({ world }: Stage): boolean {
  return world.truth.snapshots.some(({ kind }) => kind === 'savepoint');
}

/** The job has finished, and its status says so. */
function saysFinished(stage: Stage): boolean {
  const { jobStatus } = (stage.stored()?.status ?? {}) as FlinkDeploymentStatus;
  return stage.world.truth.executions.at(-1)?.end === 'FINISHED' && jobStatus?.state === 'FINISHED';
}

/** Its JobManager dies with it, before anybody has asked how it ended. */
const endUnseen: readonly Step[] = [
  { ...create, until: ({ world }: Stage) => world.truth.executions.at(-1)?.end === 'FINISHED' },
  { name: 'crash', act: (stage) => stage.crash('jobmanager'), until: 70_000 },
];
const READY_SOON = { 'kubernetes.operator.deployment.readiness.timeout': '60 s' };
const UNSEEN = 'whether the end of the job was seen depends on when its JobManager was asked';

const again: readonly Step[] = [edit('run again', { restartNonce: 1 }), ...finish];
const renewed: readonly Step[] = [edit('run other code', { image: 'jobs:2', restartNonce: 1 }), ...finish];
const startEmpty: Step = edit('start empty', { image: 'jobs:2', job: { upgradeMode: 'stateless' } });
/** By its TTL, if that is short. */
const clusterGoes: readonly Step[] = [{ name: 'wait', act: () => undefined, until: 40_000 }, settle];
const loseCluster: Step = {
  name: 'delete the Deployment',
  act: (stage) => stage.deleteJobManagerDeployment(),
  until: REST,
};

/** The job runs twice, and finishes twice. */
const TWICE = { flink: BATCH, settlesOn: 'finished', starts: 2 } as const;
/** It runs once, and its user is told how to have it run again. */
const ONCE = { flink: BATCH, settlesOn: 'nothing', starts: 1 } as const;

function stateful(variant: Variant): readonly Scenario[] {
  const short = { ...variant, options: SHORT };
  const soon = { ...variant, options: READY_SOON };
  return [
    scenario(variant, 'finishes, restart nonce', [...FINISHED, ...again], TWICE),
    scenario(variant, 'finishes, new image', [...FINISHED, newImage()], ONCE),
    scenario(variant, 'finishes, new image, restart nonce', [...FINISHED, newImage(), ...again], TWICE),
    scenario(variant, 'finishes, suspend and resume', [...FINISHED, suspend(), resume], ONCE),
    scenario(variant, 'finishes, suspend, resume, restart nonce', [...FINISHED, suspend(), resume, ...again], TWICE),
    scenario(short, 'finishes, its cluster goes, restart nonce', [...FINISHED, ...clusterGoes, ...again], TWICE),
    scenario(short, 'finishes, its cluster goes, new image', [...FINISHED, ...clusterGoes, newImage()], ONCE),
    scenario(variant, 'finishes, Deployment deleted, restart nonce', [...FINISHED, loseCluster, ...renewed], TWICE),
    scenario(variant, 'finishes, Deployment deleted, suspend', [...FINISHED, loseCluster, suspend()], {
      flink: BATCH,
      starts: 1,
    }),
    scenario(soon, 'finishes unseen, new image', [...endUnseen, newImage()], { ...ONCE, except: { end: UNSEEN } }),
    scenario(soon, 'finishes unseen, started empty', [...endUnseen, startEmpty, ...finish], TWICE),
    scenario(
      short,
      'takes a savepoint, finishes, its cluster goes, new image',
      [...SAVED, ...clusterGoes, newImage(), ...finish],
      { ...TWICE, flink: LONG_BATCH },
    ),
  ];
}

function stateless(): readonly Scenario[] {
  const short = { ...STATELESS, options: SHORT };
  return [
    scenario(STATELESS, 'finishes, restart nonce', [...FINISHED, ...again], TWICE),
    scenario(STATELESS, 'finishes, new image', [...FINISHED, newImage(), ...finish], TWICE),
    scenario(STATELESS, 'finishes, suspend and resume', [...FINISHED, suspend(), resume, ...finish], TWICE),
    scenario(short, 'finishes, its cluster goes, restart nonce', [...FINISHED, ...clusterGoes, ...again], TWICE),
    scenario(STATELESS, 'finishes, Deployment deleted, new image', [...FINISHED, loseCluster, ...renewed], TWICE),
  ];
}

const createSession: Step = { name: 'create the session', act: (stage) => stage.createSession(), until: REST };
const crash: Step = { name: 'crash', act: (stage) => stage.crash('jobmanager'), until: REST };
/** Longer than a TaskManager may be idle. */
const idleLeave: Step = { name: 'wait', act: () => undefined, until: 40_000 };
const FORGOTTEN: readonly Step[] = [...FINISHED, idleLeave, crash];
const newArguments: Step = edit('new arguments', { job: { args: ['2'] } });

function onSession(life: string, steps: readonly Step[], more: Partial<Scenario>): Scenario {
  const { upgradeMode } = LAST_STATE;
  return {
    name: `session, ${upgradeMode}: ${life}`,
    ...sessionJob(LAST_STATE),
    steps: [createSession, ...steps],
    ...more,
  };
}

/** Jobs that finish, and what their users do then. */
export const FINISHED_LIVES: readonly Scenario[] = [
  ...stateless(),
  ...[LAST_STATE, SAVEPOINT, STANDALONE].flatMap(stateful),
  onSession('finishes, restart nonce', [...FINISHED, ...again], TWICE),
  onSession('finishes, session forgets it, new arguments', [...FORGOTTEN, newArguments], ONCE),
  onSession('finishes, session forgets it, restart nonce', [...FORGOTTEN, ...again], TWICE),
];
