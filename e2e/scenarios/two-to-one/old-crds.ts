import type { z } from 'zod';
import { crdsOf } from '../../../src/cli/crds.ts';
import { ENGINES } from '../../../src/config.ts';
import { FlinkDeploymentStatus } from '../../../src/flink/schema.ts';
import { FlinkSessionJobStatus } from '../../../src/flink/session-job/schema.ts';
import { FlinkStateSnapshotStatus } from '../../../src/flink/snapshot/schema.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { jsonSchemaOf, structural } from '../../../src/kube/structural-schema.ts';
import { isRecord } from '../../../src/lib/json.ts';
import { SparkConnectStatus } from '../../../src/spark/connect/schema.ts';
import { ScheduledSparkApplicationStatus } from '../../../src/spark/schedule/schema.ts';
import { SparkApplicationStatus } from '../../../src/spark/status-schema.ts';

const STATUSES: Readonly<Record<string, z.ZodType>> = {
  FlinkDeployment: FlinkDeploymentStatus,
  FlinkSessionJob: FlinkSessionJobStatus,
  FlinkStateSnapshot: FlinkStateSnapshotStatus,
  ScheduledSparkApplication: ScheduledSparkApplicationStatus,
  SparkApplication: SparkApplicationStatus,
  SparkConnect: SparkConnectStatus,
};

interface Crd extends KubeObject {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly schema: { readonly openAPIV3Schema: { readonly properties: Readonly<Record<string, unknown>> } };
    }[];
  };
}

/** The CRDs of all kinds with the status fields of the old operators alone, and without Weir's mark. */
export function oldCrds(): readonly KubeObject[] {
  return (crdsOf(ENGINES) as readonly Crd[]).map((crd) => {
    const { annotations: { 'weir.dev/version': _mark, ...annotations } = {}, name } = crd.metadata;
    const versions = crd.spec.versions.map((version) => {
      const { openAPIV3Schema } = version.schema;
      const properties = { ...openAPIV3Schema.properties, status: statusOf(crd.spec.names.kind) };
      return { ...version, schema: { openAPIV3Schema: { ...openAPIV3Schema, properties } } };
    });
    return { ...crd, metadata: { name, annotations }, spec: { ...crd.spec, versions } };
  });
}

function statusOf(kind: string): unknown {
  const status = STATUSES[kind];
  if (status === undefined) throw new Error(`${kind} has no status here`);
  return structural(withoutAdded(jsonSchemaOf(status)), `${kind}.status`);
}

function withoutAdded(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutAdded);
  if (!isRecord(node)) return node;
  const kept = Object.entries(node).filter(([, value]) => !isRecord(value) || value['x-weir-added'] !== true);
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutAdded(value)]));
}
