import { FailureError } from '../../core/failure.ts';
import type { ArtifactSource, Reader, ServiceHttp } from '../../core/ports.ts';
import type { Access, Reconciler, Watched } from '../../core/reconciler.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { askAutoscaled } from '../autoscaler/autoscaled-client.ts';
import { AUTOSCALER_SELECTOR } from '../autoscaler/config-map.ts';
import {
  answersEqual,
  byAutoscaled,
  checkpointQuestion,
  type FlinkControllerOptions,
  questionOfAutoscaler,
  questionsOf,
  rememberedTargets,
  rememberedUnder,
  type Targets,
  told,
  trimConfigMap,
} from '../controller.ts';
import type { ProbeIntervals } from '../decide.ts';
import type { FlinkConf, OperatorDefaults } from '../flink-conf.ts';
import { KINDS } from '../observe.ts';
import type { JobManagerAnswer } from '../observed.ts';
import { rescaleJob } from '../requirements-client.ts';
import { askJobManager, cancelJob } from '../rest-client.ts';
import type { Door } from '../rest-request-client.ts';
import { FLINK_GROUP } from '../schema.ts';
import { jobKeyOf } from '../snapshot/observe.ts';
import { SNAPSHOT_KIND } from '../snapshot/schema.ts';
import { stopWithSavepoint } from '../snapshot-client.ts';
import type { TakingEffect } from '../taking/subject.ts';
import { isTakingEffect } from '../taking/take.ts';
import { askAboutDisposal, type Disposals, performTaking } from '../taking-client.ts';
import { decide, decideFailed } from './decide.ts';
import { jobConf } from './job-conf.ts';
import { isCanary } from './labels.ts';
import { observe, sessionOf } from './observe.ts';
import { type Observed, UNSEEN } from './observed.ts';
import { readSessionJobRecord } from './record.ts';
import { type FlinkSessionJobStatus, SESSION_JOB_KIND, SESSION_KIND, sessionNameOf } from './schema.ts';
import { type SessionJobEffect, situationOf } from './situation.ts';
import { prepareJar, submitJob } from './submit-client.ts';

/** What the session job controller needs from outside. */
export interface SessionJobControllerOptions {
  readonly http: ServiceHttp;
  readonly artifacts: ArtifactSource;
  /** The caches, in which the session of a job is found when it is asked. */
  readonly read: Reader;
  /** Read at every pass, so that a change of the operator's configuration needs no restart. */
  readonly defaults: () => OperatorDefaults;
  readonly probe: ProbeIntervals;
  /** Told of each pass over a canary resource. */
  readonly canaryPassed?: (resource: KubeObject) => void;
  /** Told of each look of the autoscaler at a job; undefined where it is off. */
  readonly autoscaled?: FlinkControllerOptions['autoscaled'];
}

/** The FlinkSessionJob controller, as the runtime drives it. */
export type SessionJobReconciler = Reconciler<Observed, FlinkSessionJobStatus, SessionJobEffect, JobManagerAnswer>;

/** API access the session job controller uses, and nothing beyond; the chart's RBAC is made from it. */
export const SESSION_JOB_ACCESS: readonly Access[] = [
  {
    group: FLINK_GROUP,
    resources: ['flinksessionjobs'],
    verbs: ['list', 'watch', 'patch'],
    why: 'read specs, add and remove the finalizer, label jobs with their session',
  },
  { group: FLINK_GROUP, resources: ['flinksessionjobs/status'], verbs: ['update'], why: 'write status' },
  { group: FLINK_GROUP, resources: ['flinkdeployments'], verbs: ['list', 'watch'], why: 'know how sessions stand' },
  {
    group: '',
    resources: ['configmaps'],
    verbs: ['list', 'watch', 'create', 'patch', 'delete'],
    why: 'what the autoscaler remembers of a job',
  },
];

const WATCHES: readonly Watched[] = [
  { kind: SESSION_KIND, toKey: jobsOf },
  { kind: KINDS.configMap, labelSelector: AUTOSCALER_SELECTOR, trim: trimConfigMap, toKey: byAutoscaled },
  { kind: SNAPSHOT_KIND, toKey: (snapshot) => jobKeyOf(snapshot, 'FlinkSessionJob') },
];

/** The jobs a session has to do with; an application cluster has none. */
function jobsOf({ metadata, spec }: KubeObject, read: Reader): readonly string[] {
  if ((spec as { job?: unknown } | undefined)?.job !== undefined) return [];
  return read
    .list(SESSION_JOB_KIND, metadata.namespace ?? '', {})
    .filter((job) => sessionNameOf(job) === metadata.name)
    .map((job) => keyOf(job.metadata));
}

/** What asking a session takes. */
interface Asking {
  readonly http: ServiceHttp;
  readonly read: Reader;
  readonly targetOf: Targets;
}

/** Builds the FlinkSessionJob controller. */
export function createSessionJobReconciler(options: SessionJobControllerOptions): SessionJobReconciler {
  const { defaults, probe, http, read, artifacts, canaryPassed, autoscaled } = options;
  const disposals: Disposals = new Map();
  const asking: Asking = { http, read, targetOf: rememberedTargets(defaults) };
  const checkpointQuestionOf = rememberedUnder(defaults, (resource, current) =>
    checkpointQuestion(confOfRun(resource, read, current)),
  );
  const autoscalerQuestionOf = rememberedUnder(defaults, (resource, current) =>
    questionOfAutoscaler(resource, confOfRun(resource, read, current)),
  );
  return {
    name: 'flinksessionjob',
    kind: SESSION_JOB_KIND,
    watches: WATCHES,
    access: SESSION_JOB_ACCESS,
    observe,
    decide(resource, observed, now) {
      const situation = situationOf(resource, observed, now, defaults());
      if (isCanary(situation)) canaryPassed?.(resource);
      return told(resource, decide(situation, probe), autoscaled);
    },
    failed(resource, failure, now) {
      const observed = { ...UNSEEN, session: sessionOf(resource, read) };
      return decideFailed(situationOf(resource, observed, now, defaults()), failure);
    },
    perform: async (resource, effect, signal) => {
      const door = doorOf(asking, resource, signal);
      if (isTakingEffect(effect)) return performTaking(door, effect, { resource, disposals });
      return perform(artifacts, door, effect);
    },
    ask: async (resource, signal, previous) => {
      const door = doorOf(asking, resource, signal);
      const questions = { ...questionsOf(resource), ...checkpointQuestionOf(resource) };
      const answer = await askJobManager(door, questions, previous);
      const autoscaled = await askAutoscaled(door, autoscalerQuestionOf(resource), { answer, previous });
      return { ...answer, ...autoscaled, ...(await askAboutDisposal(door, resource, disposals)) };
    },
    answersEqual,
    checkpointed: ({ checkpointed }) => checkpointed,
  };
}

/** What holds for the recorded run of a job; undefined before the first one. */
function confOfRun(resource: KubeObject, read: Reader, defaults: OperatorDefaults): FlinkConf | undefined {
  const record = readSessionJobRecord(resource.status as FlinkSessionJobStatus | undefined);
  if (record === undefined) return undefined;
  return jobConf(resource.metadata.name, record.spec, sessionOf(resource, read), defaults);
}

async function perform(
  artifacts: ArtifactSource,
  door: Door,
  effect: Exclude<SessionJobEffect, TakingEffect>,
): Promise<void> {
  const submitting = { ...door, artifacts };
  if (effect.kind === 'submit') return submitJob(submitting, effect.submission);
  const asking = { ...door, target: { ...door.target, jobId: effect.jobId } };
  if (effect.kind === 'rescale') return rescaleJob(asking, effect.vertices);
  if (effect.jar !== undefined) await prepareJar(submitting, effect.jar);
  return effect.kind === 'cancel-job' ? cancelJob(asking) : stopWithSavepoint(asking, effect.request);
}

/** The session of a job, as it is asked about the job. Throws FailureError when there is none. */
function doorOf({ http, read, targetOf }: Asking, resource: KubeObject, signal: AbortSignal): Door {
  const session = sessionOf(resource, read);
  if (session === undefined) {
    const message = `${keyOf(resource.metadata)}: its session is not there to be asked`;
    throw new FailureError({ kind: 'transient', message });
  }
  const { jobStatus } = (resource.status ?? {}) as FlinkSessionJobStatus;
  return { http, target: { ...targetOf(session), jobId: jobStatus?.jobId }, signal };
}
