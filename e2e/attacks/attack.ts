import { FLINK_API_VERSION } from '../../src/flink/schema.ts';
import { SESSION_JOB_KIND } from '../../src/flink/session-job/schema.ts';
import { SNAPSHOT_KIND } from '../../src/flink/snapshot/schema.ts';
import { aFlinkDeployment } from '../../src/flink/testing.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { aSparkConnect } from '../../src/spark/connect/testing.ts';
import { aSchedule } from '../../src/spark/schedule/testing.ts';
import { SPARK_APPLICATION_KIND } from '../../src/spark/schema.ts';
import { aSparkApplication } from '../../src/spark/testing.ts';

/** A class of the threat table in SECURITY.md. */
export type Threat = `T${number}`;

/** A resource that somebody with the right to make such resources makes to get more than that. */
export interface Attack {
  readonly threat: Threat;
  readonly what: string;
  readonly resource: Pick<KubeObject, 'apiVersion' | 'kind'> & { readonly [field: string]: unknown };
  /** Labels, annotations, finalizers and owners; the name, where it is the attack. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Written as status, as whoever may write that could. */
  readonly status?: unknown;
  /** The field that must be named in the refusal; absent where the attack is taken and must lead to nothing. */
  readonly refused?: string;
}

type Spec = Readonly<Record<string, unknown>>;

/** What an attack differs in beside the spec. */
export type Aside = Pick<Attack, 'metadata' | 'status' | 'refused'>;

/** Fields laid over those of an ordinary spec; objects one level deep are joined, so that one field of a group can be set. */
function laid(base: object, over: Spec): Spec {
  const joined = Object.entries(over).map(([key, value]) => {
    const before = (base as Spec)[key];
    const both = isGroup(before) && isGroup(value) ? { ...before, ...value } : value;
    return [key, both] as const;
  });
  return { ...base, ...Object.fromEntries(joined) };
}

function isGroup(value: unknown): value is Spec {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A FlinkDeployment like any other but for these fields of its spec. */
export function flink(threat: Threat, what: string, spec: Spec, aside: Aside = {}): Attack {
  const resource = {
    apiVersion: FLINK_API_VERSION,
    kind: 'FlinkDeployment',
    spec: laid(aFlinkDeployment().spec, spec),
  };
  return { threat, what, resource, ...aside };
}

/** A SparkApplication like any other but for these fields of its spec. */
export function spark(threat: Threat, what: string, spec: Spec, aside: Aside = {}): Attack {
  return {
    threat,
    what,
    resource: { ...SPARK_APPLICATION_KIND, spec: laid(aSparkApplication().spec, spec) },
    ...aside,
  };
}

/** A FlinkSessionJob on the session of the attacked namespace. */
export function sessionJob(threat: Threat, what: string, spec: Spec, aside: Aside = {}): Attack {
  const job = { jarURI: 'https://jars.example.com/clicks.jar', parallelism: 2 };
  const base = { deploymentName: 'no-such-session', job };
  return { threat, what, resource: { ...SESSION_JOB_KIND, spec: laid(base, spec) }, ...aside };
}

/** A FlinkStateSnapshot. */
export function snapshot(threat: Threat, what: string, spec: Spec, aside: Aside = {}): Attack {
  return { threat, what, resource: { ...SNAPSHOT_KIND, spec }, ...aside };
}

/** A ScheduledSparkApplication. */
export function schedule(threat: Threat, what: string, spec: Spec, aside: Aside = {}): Attack {
  const { apiVersion, kind, spec: base } = aSchedule();
  return { threat, what, resource: { apiVersion, kind, spec: laid(base, spec) }, ...aside };
}

/** A SparkConnect. */
export function connect(threat: Threat, what: string, spec: Spec, aside: Aside = {}): Attack {
  const { apiVersion, kind, spec: base } = aSparkConnect();
  return { threat, what, resource: { apiVersion, kind, spec: laid(base, spec) }, ...aside };
}

/** Flink options, as an attack on their reading. */
export function options(
  threat: Threat,
  what: string,
  conf: Spec,
  aside: Aside & { readonly spec?: Spec } = {},
): Attack {
  const { spec, ...rest } = aside;
  return flink(threat, what, { ...spec, flinkConfiguration: conf }, rest);
}

/** Spark properties, likewise. */
export function properties(threat: Threat, what: string, sparkConf: Spec, aside: Aside = {}): Attack {
  return spark(threat, what, { sparkConf }, aside);
}

/** The path of a key in a map of a spec, as refusals name it. */
export function at(map: string, key: string): string {
  return `spec.${map}["${key}"]`;
}
