import type { KubeObject } from '../../kube/object.ts';
import { canonicalJson, isRecord } from '../../lib/json.ts';
import type { KubeAccess } from '../kube/access.ts';
import { isHighAvailability } from './witness.ts';

const KINDS = [
  ['flink.apache.org/v1beta1', 'FlinkDeployment'],
  ['flink.apache.org/v1beta1', 'FlinkSessionJob'],
  ['apps/v1', 'Deployment'],
  ['v1', 'Service'],
  ['v1', 'ConfigMap'],
  ['v1', 'Pod'],
  ['networking.k8s.io/v1', 'Ingress'],
] as const;

/** What is stored of a scenario's resource and its cluster; not snapshots, since which were taken depends on when things happen. */
export function clusterObjects(user: KubeAccess, namespace: string): readonly KubeObject[] {
  return KINDS.flatMap(([apiVersion, kind]) => user.list({ apiVersion, kind }, namespace)).filter(
    ({ kind, metadata }) => kind !== 'ConfigMap' || metadata.labels?.app !== undefined,
  );
}

/**
 * Everything there is, as text lines that two runs to the same end share: without uids, versions and times, and without ids
 * and paths that rightly differ between two runs: what a run began from is for other rules to judge. Of pods and of what Flink writes only the names' kind and number count.
 */
export function endState(objects: readonly KubeObject[]): readonly string[] {
  return objects.map(describe).sort();
}

function describe(object: KubeObject): string {
  const { kind, metadata } = object;
  if (kind === 'Pod') return `Pod of ${metadata.labels?.app} ${metadata.labels?.component}`;
  if (isHighAvailability(object)) return `high availability ${masked(metadata.name)}`;
  if (metadata.labels?.component === 'autoscaler') return `autoscaler ${scaledTo(object)}`;
  const { status, ...rest } = object;
  return canonicalJson(masked(isOfUser(object) ? { ...rest, status } : rest));
}

/** What an autoscaler has measured, and when it decided, is another in each run. */
function scaledTo({ data }: KubeObject): string {
  return isRecord(data) ? String(data.parallelismOverrides) : '';
}

/** Whether it is a resource that a user writes, not one made of it. */
export function isOfUser({ apiVersion }: KubeObject): boolean {
  return apiVersion === 'flink.apache.org/v1beta1';
}

const VARYING =
  /^(uid|resourceVersion|generation|creationTimestamp|deletionTimestamp|lastTransitionTime|updateTime|startTime|reconciliationTimestamp|observedGeneration|firstDeployment|managedFields|clusterIP|clusterIPs|why|since|failures|restore|snapshots|autoscaler|upgradeMode|clusterInfo|flinkdeployment\.flink\.apache\.org\/generation)$/;

/** Not there at all in a run that was not told of an edit before its revocation, and so took no savepoint. */
const BEGUN_FROM = 'upgradeSavepointPath';

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return withoutRestore(value).map(masked);
  if (typeof value === 'string') return maskedText(value);
  if (typeof value === 'number' && value > 1e12) return 0;
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== BEGUN_FROM);
  return Object.fromEntries(entries.map(([key, item]) => [key, VARYING.test(key) ? '…' : masked(item)]));
}

/** Arguments of a JobManager without the path it starts from. */
function withoutRestore(list: readonly unknown[]): readonly unknown[] {
  const at = list.indexOf('--fromSavepoint');
  return at < 0 ? list : [...list.slice(0, at), ...list.slice(at + 2)];
}

function maskedText(text: string): string {
  if (text.startsWith('{')) return canonicalJson(masked(JSON.parse(text)));
  return text
    .replace(/^ +savepoint:\n +path: .*\n/m, '')
    .replace(/^ +job-id: .*\n/m, '')
    .replace(/(in the high-availability data) \([^)]*\)/g, '$1')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '…')
    .replace(/[0-9a-f]{12,}/g, '…')
    .replace(/savepoint-[0-9a-f]{6}/g, 'savepoint-…')
    .replace(/(chk-|[Cc]heckpoint |savepoint )\d+/g, '$1…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…');
}
