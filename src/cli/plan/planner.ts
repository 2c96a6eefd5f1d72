import type { ClusterCapacity } from '../../core/capacity/survey.ts';
import type { Fact } from '../../core/fact.ts';
import { FLINK_TYPES } from '../../flink/controller.ts';
import { FLINK_API_VERSION, FLINK_GROUP } from '../../flink/schema.ts';
import { SESSION_JOB_KIND, SESSION_KIND, sessionNameOf } from '../../flink/session-job/schema.ts';
import { SNAPSHOT_KIND } from '../../flink/snapshot/schema.ts';
import type { KubeObject, ObjectRef } from '../../kube/object.ts';
import { refOf } from '../../kube/object.ts';
import { kindKey } from '../../runtime/kinds.ts';
import { nameLabel } from '../../spark/conf/submission.ts';
import { SPARK_CONNECT_KIND } from '../../spark/connect/schema.ts';
import { SCHEDULE_KIND } from '../../spark/schedule/schema.ts';
import { SPARK_APPLICATION_KIND, SPARK_GROUP } from '../../spark/schema.ts';
import type { BadDocument, Manifest, Manifests } from '../manifests.ts';
import { type FlinkPlanContext, planFlinkDeployment } from './flink.ts';
import { planSessionJob } from './flink-session-job.ts';
import { planSnapshot } from './flink-snapshot.ts';
import { type LeftAlone, type PlanReport, type ResourcePlan, totalOf } from './report.ts';
import { planSparkApplication, type SparkPlanContext } from './spark.ts';
import { planSparkConnect } from './spark-connect.ts';
import { planScheduledSparkApplication } from './spark-schedule.ts';

/** What planning needs besides the manifests. */
export interface PlanContext extends FlinkPlanContext, SparkPlanContext {
  /** For objects that name no namespace. */
  readonly namespace: string;
  /** Reads what is stored; undefined plans offline. Resolves to undefined where there is no such object. */
  readonly live: ((ref: ObjectRef) => Promise<KubeObject | undefined>) | undefined;
  /** What the cluster can give to a resource whose pods have these labels, and those of them that live; undefined offline. */
  readonly room: ((namespace: string, labelSelector: string) => Promise<Room>) | undefined;
}

/** What a cluster can give, and the pods that count as free because they are the resource's own. */
export interface Room {
  readonly capacity: Fact<ClusterCapacity>;
  readonly pods: readonly KubeObject[];
}

/** Plans everything the files hold, in order. Rejects only when the cluster cannot be read. */
export async function planManifests(manifests: Manifests, context: PlanContext): Promise<PlanReport> {
  const resources: ResourcePlan[] = [];
  const leftAlone: LeftAlone[] = [];
  for (const manifest of manifests.objects) {
    const note = leftAloneNote(manifest.object);
    if (note === undefined) resources.push(await planOne(manifest, manifests, context));
    else leftAlone.push(leftAloneOf(manifest, note));
  }
  return { resources, total: totalOf(resources), leftAlone, unreadable: manifests.bad.map(unreadableOf) };
}

/** Why an object is not planned; undefined for the kinds that are. */
function leftAloneNote({ apiVersion, kind }: KubeObject): string | undefined {
  if (apiVersion === FLINK_API_VERSION && FLINK_KINDS.includes(kind)) return undefined;
  if (sparkPlanner({ apiVersion, kind }) !== undefined) return undefined;
  const [group] = apiVersion.split('/');
  if (group === FLINK_GROUP && kind === 'FlinkDeployment') {
    return `apiVersion ${apiVersion} is not supported, ${FLINK_API_VERSION} is`;
  }
  if (group === FLINK_GROUP || group === SPARK_GROUP) return 'not supported by this version yet';
  return 'not a Weir kind, left alone';
}

const FLINK_KINDS: readonly string[] = [SESSION_KIND.kind, SESSION_JOB_KIND.kind, SNAPSHOT_KIND.kind];

const SPARK_PLANNERS: ReadonlyMap<string, typeof planSparkApplication> = new Map([
  [kindKey(SPARK_APPLICATION_KIND), planSparkApplication],
  [kindKey(SCHEDULE_KIND), planScheduledSparkApplication],
  [kindKey(SPARK_CONNECT_KIND), planSparkConnect],
]);

/** How a Spark kind is planned; undefined for other kinds. */
function sparkPlanner({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>) {
  return SPARK_PLANNERS.get(kindKey({ apiVersion, kind }));
}

async function planOne({ where, object }: Manifest, all: Manifests, context: PlanContext): Promise<ResourcePlan> {
  const namespace = object.metadata.namespace ?? context.namespace;
  const wanted = { ...object, metadata: { ...object.metadata, namespace } };
  const live = await context.live?.(refOf(wanted));
  const subject = { source: where, wanted, live, compared: context.live !== undefined };
  if (wanted.kind === SNAPSHOT_KIND.kind) return planSnapshot(subject);
  if (wanted.kind === SESSION_JOB_KIND.kind) {
    return planSessionJob({ ...subject, session: await sessionFor(wanted, all, context) }, context);
  }
  const room = await context.room?.(namespace, podsOf(wanted));
  const spark = sparkPlanner(wanted);
  return (spark ?? planFlinkDeployment)({ ...subject, ...room }, context);
}

/** The session of a session job: as the cluster has it, else as the files do. */
async function sessionFor(
  job: KubeObject,
  { objects }: Manifests,
  context: PlanContext,
): Promise<KubeObject | undefined> {
  const { namespace = context.namespace } = job.metadata;
  const name = sessionNameOf(job);
  if (name === undefined) return undefined;
  const inFiles = objects.find(
    ({ object: { kind, metadata } }) =>
      kind === SESSION_KIND.kind && metadata.name === name && (metadata.namespace ?? context.namespace) === namespace,
  );
  return (await context.live?.({ ...SESSION_KIND, namespace, name })) ?? inFiles?.object;
}

/** Labels of a resource's pods, as the operator tells them. */
function podsOf(resource: KubeObject): string {
  const { name } = resource.metadata;
  return sparkPlanner(resource) === undefined ? `app=${name},${FLINK_TYPES}` : `${nameLabel(resource)}=${name}`;
}

function leftAloneOf({ where, object }: Manifest, note: string): LeftAlone {
  const { name, namespace } = object.metadata;
  return { source: where, kind: object.kind, namespace: namespace ?? null, name, note };
}

function unreadableOf({ where, field, value, rule }: BadDocument): { source: string; message: string } {
  const found = value === undefined ? 'is missing' : `${value} is not valid`;
  return { source: where, message: `${field}: ${field === 'document' ? 'cannot be read' : found}, it must ${rule}` };
}
