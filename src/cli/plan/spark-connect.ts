import { sparkContainerOf } from '../../spark/conf/pod-templates.ts';
import { applicationFor, serverPodName } from '../../spark/connect/application.ts';
import { clientServiceName } from '../../spark/connect/desired.ts';
import { connectWarnings } from '../../spark/connect/notices.ts';
import { UNSEEN } from '../../spark/connect/observed.ts';
import { type ConnectSituation, connectSituation } from '../../spark/connect/situation.ts';
import { changedFields } from './changes.ts';
import { UNKNOWN_SIZE } from './flink-size.ts';
import type { PlannedObject, ResourcePlan } from './report.ts';
import { asStored, plannedIssue, planSparkApplication, type SparkPlanContext, type SparkSubject } from './spark.ts';

/** What the operator would do with a SparkConnect: its server is planned as the driver of an application. */
export function planSparkConnect(subject: SparkSubject, { now, spark }: SparkPlanContext): ResourcePlan {
  const situation = connectSituation(asStored(subject), UNSEEN, now, spark?.defaults);
  const { resource, refusal, spec } = situation;
  const { name, namespace = 'default' } = resource.metadata;
  const wanted = applicationFor(resource, spec);
  const live = subject.live === undefined ? undefined : { ...wanted, status: situation.run.status };
  const planned = planSparkApplication({ ...subject, wanted, live }, { now, spark: situation.run.settings });
  const warnings = connectWarnings(resource, spec);
  const run = { ...planned, changes: changedFields(subject.wanted, subject.live), warnings };
  if (refusal === undefined) {
    return { ...run, objects: objectsOf(situation, run), guesses: [...run.guesses, ...guessesOf(situation)] };
  }
  const { reason, message, issues } = refusal;
  return {
    ...run,
    ...UNKNOWN_SIZE,
    namespace,
    name,
    decision: 'refuse',
    reason,
    message,
    objects: [],
    configuration: [],
    issues: issues.map(plannedIssue),
  };
}

/** A server has a Service for its clients beside what a driver has. */
function objectsOf({ resource, spec }: ConnectSituation, { objects }: ResourcePlan): readonly PlannedObject[] {
  if (objects.length === 0) return [];
  const because = 'where clients find the server, on port 15002';
  const made = objects.map((object) =>
    object.name === serverPodName(resource) ? { ...object, because: 'runs the server' } : object,
  );
  return [{ kind: 'Service', name: clientServiceName(resource, spec), because }, ...made];
}

function guessesOf({ spec }: ConnectSituation): readonly string[] {
  const template = sparkContainerOf('driver', spec.server?.template);
  return template?.resources === undefined ? [] : ['resources of spec.server.template win over these numbers'];
}
