import type { ClusterCapacity } from '../../core/capacity/survey.ts';
import type { Fact } from '../../core/fact.ts';
import { shownValue } from '../../core/issue.ts';
import { FLINK_TYPES } from '../../flink/controller.ts';
import { FLINK_GROUP } from '../../flink/schema.ts';
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
import { fieldWarnings } from './field-warnings.ts';
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
  const bad: BadDocument[] = [...manifests.bad];
  for (const manifest of manifests.objects) {
    const unknownKind = unknownKindOf(manifest);
    if (!ofWeir(manifest.object)) leftAlone.push(leftAloneOf(manifest));
    else if (unknownKind !== undefined) bad.push(unknownKind);
    else resources.push(withFileWarnings(await planOne(manifest, manifests, context), manifest));
  }
  return { resources, total: totalOf(resources), leftAlone, unreadable: bad.map(unreadableOf) };
}

function withFileWarnings(plan: ResourcePlan, { object, warning }: Manifest): ResourcePlan {
  const ofFile = warning === undefined ? [] : [warning];
  return { ...plan, warnings: [...plan.warnings, ...fieldWarnings(object), ...ofFile] };
}

/** Whether an object is of an API group of Weir's, by a kind that it knows or one that it does not. */
function ofWeir({ apiVersion }: KubeObject): boolean {
  const [group] = apiVersion.split('/');
  return group === FLINK_GROUP || group === SPARK_GROUP;
}

/** What is wrong with the kind or version of an object of these groups: a slip of the pen would else be planned as nothing. */
function unknownKindOf({ where, object: { apiVersion, kind } }: Manifest): BadDocument | undefined {
  const [group = ''] = apiVersion.split('/');
  const known = KINDS.filter((info) => info.apiVersion.startsWith(`${group}/`));
  const found = known.filter((info) => info.kind === kind);
  if (found.some((info) => info.apiVersion === apiVersion)) return undefined;
  if (found.length === 0) {
    const kinds = known.map((info) => info.kind).join(', ');
    const why = kind === 'FlinkBlueGreenDeployment' ? ': there are no blue/green deployments yet' : '';
    return { where, field: 'kind', value: shownValue(kind), rule: `be one of ${kinds}${why}` };
  }
  const versions = found.map((info) => info.apiVersion).join(' or ');
  return { where, field: 'apiVersion', value: shownValue(apiVersion), rule: `be ${versions} for a ${kind}` };
}

const KINDS = [
  SESSION_KIND,
  SESSION_JOB_KIND,
  SNAPSHOT_KIND,
  SPARK_APPLICATION_KIND,
  SCHEDULE_KIND,
  SPARK_CONNECT_KIND,
] as const;

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

function leftAloneOf({ where, object }: Manifest): LeftAlone {
  const { name, namespace } = object.metadata;
  return { source: where, kind: object.kind, namespace: namespace ?? null, name, note: 'not a Weir kind, left alone' };
}

function unreadableOf({ where, field, value, rule }: BadDocument): { source: string; message: string } {
  const found = value === undefined ? 'is missing' : `${value} is not valid`;
  return { source: where, message: `${field}: ${field === 'document' ? 'cannot be read' : found}, it must ${rule}` };
}
