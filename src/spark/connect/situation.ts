import { type Refusal, refusalFor } from '../../core/refusal.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { SparkReason } from '../reasons.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from '../settings.ts';
import { type Situation, situationOf } from '../situation.ts';
import { applicationFor } from './application.ts';
import type { ConnectObserved } from './observed.ts';
import { parseSparkConnectSpec, type SparkConnectSpec, type SparkConnectStatus } from './schema.ts';
import { validateConnect } from './validate.ts';

/** Everything a decision about a SparkConnect may look at. */
export interface ConnectSituation {
  readonly resource: KubeObject;
  /** As far as it could be read; what is wrong with it is in `refusal`. */
  readonly spec: SparkConnectSpec;
  readonly refusal: Refusal<SparkReason> | undefined;
  readonly status: SparkConnectStatus;
  readonly observed: ConnectObserved;
  readonly now: Date;
  /** The same about the server's run, which is that of an application. */
  readonly run: Situation;
}

/** A server has a Service of its own; the operator's Services and Ingresses for UIs are not for it. */
const SETTINGS: SparkSettings = { ...DEFAULT_SETTINGS, uiService: false };

/** Puts together what is decided by, the operator's default properties among it. Pure; never throws, whatever the resource holds. */
export function connectSituation(
  resource: KubeObject,
  observed: ConnectObserved,
  now: Date,
  defaults: SparkSettings['defaults'] = {},
): ConnectSituation {
  const status = isRecord(resource.status) ? (resource.status as SparkConnectStatus) : {};
  const { spec, refusal } = specOf(resource);
  const { conditions, observedGeneration } = status;
  const before = { ...status.run, conditions, observedGeneration };
  const application = { ...applicationFor(resource, spec), status: before };
  const run = situationOf(application, observed, now, { ...SETTINGS, defaults });
  return {
    resource,
    spec,
    refusal,
    status,
    observed,
    now,
    run: refusal === undefined ? run : { ...run, application: undefined, refusal },
  };
}

function specOf(resource: KubeObject): Pick<ConnectSituation, 'spec' | 'refusal'> {
  const parsed = parseSparkConnectSpec(resource.spec);
  const spec = parsed.ok ? parsed.value : {};
  const issues = parsed.ok ? validateConnect(resource, parsed.value) : parsed.error;
  return { spec, refusal: issues.length === 0 ? undefined : refusalFor('ValidationError', issues) };
}
