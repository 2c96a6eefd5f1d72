import type { CapacitySurvey } from '../../core/capacity/survey.ts';
import { FailureError } from '../../core/failure.ts';
import type { Access, Reconciler, Watched } from '../../core/reconciler.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { withoutBody } from '../../kube/trim.ts';
import { assertNever } from '../../lib/assert-never.ts';
import { deepEqual } from '../../lib/json.ts';
import { SPARK_LABELS } from '../conf/submission.ts';
import { RUN_WATCHES } from '../controller.ts';
import { KINDS } from '../observe.ts';
import { SPARK_GROUP } from '../schema.ts';
import type { SparkSettings } from '../settings.ts';
import { decideConnect, decideConnectFailed } from './decide.ts';
import { observeConnect } from './observe.ts';
import { type ConnectObserved, UNSEEN } from './observed.ts';
import { SPARK_CONNECT_KIND, type SparkConnectStatus } from './schema.ts';
import { connectSituation } from './situation.ts';

/** The SparkConnect controller, as the runtime drives it: it has no effects and asks nobody. */
export type ConnectReconciler = Reconciler<ConnectObserved, SparkConnectStatus, never, never>;

/** API access the SparkConnect controller uses beyond that of the SparkApplication controller. */
export const CONNECT_ACCESS: readonly Access[] = [
  { group: SPARK_GROUP, resources: ['sparkconnects'], verbs: ['list', 'watch'], why: 'read specs' },
  { group: SPARK_GROUP, resources: ['sparkconnects/status'], verbs: ['update'], why: 'write status' },
  {
    group: SPARK_GROUP,
    resources: ['sparkconnects/finalizers'],
    verbs: ['update'],
    why: 'own objects that block deletion (OwnerReferencesPermissionEnforcement)',
  },
];

const WATCHES: readonly Watched[] = [
  ...RUN_WATCHES.map((watch) => ({ ...watch, toKey: byConnect })),
  { kind: KINDS.service, labelSelector: SPARK_LABELS.connectName, trim: withoutBody, toKey: byConnect },
];

function byConnect({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.[SPARK_LABELS.connectName];
  return name === undefined ? undefined : keyOf({ ...metadata, name });
}

/**
 * Builds the SparkConnect controller, with the operator's default properties as they are in each pass; without a survey no
 * server is compared with what the cluster can give.
 */
export function createConnectReconciler(
  defaults: () => SparkSettings['defaults'] = () => ({}),
  survey?: Pick<CapacitySurvey, 'latest'>,
): ConnectReconciler {
  const situationOf = (resource: KubeObject, observed: ConnectObserved, now: Date) =>
    connectSituation(resource, observed, now, defaults());
  return {
    name: 'sparkconnect',
    kind: SPARK_CONNECT_KIND,
    watches: WATCHES,
    access: CONNECT_ACCESS,
    observe: (resource, read) => observeConnect(resource, read, survey),
    decide: (resource, observed, now) => decideConnect(situationOf(resource, observed, now)),
    failed: (resource, failure, now) => decideConnectFailed(situationOf(resource, UNSEEN, now), failure),
    perform: (_resource, effect) => assertNever(effect),
    ask: async (resource) => {
      const message = `${keyOf(resource.metadata)}: servers are watched, not asked`;
      throw new FailureError({ kind: 'transient', message });
    },
    answersEqual: deepEqual,
  };
}
