import { overridesText } from './autoscaler/overrides.ts';
import { autoscalerSettings } from './autoscaler/settings.ts';

import type { FlinkConf } from './conf/entry.ts';
import { VERTEX_PARALLELISM, vertexParallelism } from './conf/scheduling.ts';
import { decodeMap } from './conf/values.ts';
import { flattenConfiguration } from './configuration.ts';

/** What of a spec an autoscaler goes by. */
interface Scaled {
  readonly flinkConfiguration?: Readonly<Record<string, unknown>> | undefined;
  readonly job?: { readonly autoscalerResetNonce?: number | undefined } | null | undefined;
}

/** What is known of the parallelism that an autoscaler gave the vertices of a job. */
export interface GivenParallelism {
  /** The spec last acted on: the autoscaler's word is recorded with it, never written into the resource. */
  readonly recorded: Scaled | undefined;
  /** What it decided last, recorded or not yet; undefined where that is not known. */
  readonly decided: ReadonlyMap<string, number> | undefined;
  /** What holds for the wanted spec. */
  readonly conf: () => FlinkConf;
}

/**
 * A wanted spec with the parallelism that the autoscaler gave the vertices of the running job, as long as it is on and its
 * user has not asked to forget that. What it decided wins over what the user set, but not of vertices that are excluded from
 * scaling (Flink Kubernetes Operator 1.15, JobAutoScalerImpl.applyParallelismOverrides); what only the record tells holds
 * where the user sets none.
 */
export function withScaledVertices<S extends Scaled>(wanted: S, { recorded, decided, conf }: GivenParallelism): S {
  const own = flattenConfiguration(wanted.flinkConfiguration);
  const before = flattenConfiguration(recorded?.flinkConfiguration).get(VERTEX_PARALLELISM);
  const given = decided === undefined || decided.size === 0 ? undefined : decided;
  if (given === undefined && (before === undefined || own.has(VERTEX_PARALLELISM))) return wanted;
  if (asksToForget(wanted, recorded)) return wanted;
  const settings = autoscalerSettings(conf());
  if (!settings.enabled) return wanted;
  const text = given === undefined ? before : textOf(merged(given, conf(), settings.excludedVertices), before);
  const others = [...own].filter(([key]) => key !== VERTEX_PARALLELISM && !key.startsWith(`${VERTEX_PARALLELISM}.`));
  return { ...wanted, flinkConfiguration: { ...Object.fromEntries(others), [VERTEX_PARALLELISM]: text } };
}

/** Whether a spec asks to forget what the autoscaler has learnt since the recorded one: by another number, not by none. */
export function asksToForget(wanted: Scaled, recorded: Scaled | undefined): boolean {
  const nonce = wanted.job?.autoscalerResetNonce;
  return recorded !== undefined && nonce !== undefined && nonce !== recorded.job?.autoscalerResetNonce;
}

/** As it is recorded where it says the same, however it is spelt there: that is no change. */
function textOf(given: ReadonlyMap<string, number>, before: string | undefined): string {
  const recorded = [...decodeMap(before ?? '')];
  const same = recorded.length === given.size && recorded.every(([id, value]) => given.get(id) === Number(value));
  return same && before !== undefined ? before : overridesText(given);
}

function merged(
  given: ReadonlyMap<string, number>,
  conf: FlinkConf,
  excluded: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const users = vertexParallelism(conf);
  return new Map([...users, ...[...given].filter(([id]) => !(excluded.has(id) && users.has(id)))]);
}
