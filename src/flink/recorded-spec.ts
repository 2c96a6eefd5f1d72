import { isRecord } from '../lib/json.ts';
import { rememberedWith } from '../lib/remembered.ts';
import { type FlinkDeploymentSpec, parseFlinkDeploymentSpec, type UpgradeMode } from './schema.ts';

/**
 * lastReconciledSpec as text: the spec with its job.state, and the metadata the incumbent expects beside it. While nothing
 * runs, job.upgradeMode is `mode`: what the next run starts from.
 */
export function encodeSpec(
  spec: FlinkDeploymentSpec,
  jobState: 'running' | 'suspended',
  firstDeployment: boolean,
  mode?: UpgradeMode,
): string {
  const upgradeMode = jobState === 'suspended' && mode !== undefined ? { upgradeMode: mode } : {};
  const recorded =
    spec.job === undefined || spec.job === null
      ? spec
      : { ...spec, job: { ...spec.job, state: jobState, ...upgradeMode } };
  return JSON.stringify({
    spec: recorded,
    resource_metadata: { apiVersion: 'flink.apache.org/v1beta1', firstDeployment },
  });
}

/** Accepts both encodings: `{spec, resource_metadata}` and, from early releases, the bare spec with an apiVersion key. */
export function decodeSpec(
  text: string | undefined,
): { spec: FlinkDeploymentSpec; firstDeployment: boolean } | undefined {
  const value = parseJson(text ?? '');
  if (!isRecord(value)) return undefined;
  const metadata = value.resource_metadata;
  const bare = isRecord(metadata) ? value.spec : value;
  if (!isRecord(bare)) return undefined;
  const { apiVersion: _apiVersion, ...spec } = bare;
  const read = readable(spec);
  if (read === undefined) return undefined;
  return {
    spec: read,
    firstDeployment: isRecord(metadata) && metadata.firstDeployment === true,
  };
}

/**
 * The same, remembered with an object that stays while statuses come and go, such as the spec beside them: the same text
 * gives the same spec, and what was worked out of that is not worked out again.
 */
export const decodedBeside = rememberedWith(
  ({ beside }: { readonly beside: object; readonly text: string | undefined }) => beside,
  ({ text }) => [text],
  ({ text }) => decodeSpec(text),
);

/**
 * Whoever may write a status may forge the record: fields that do not fit are left out, so that nothing behind this meets
 * one. Drops the nulls that the incumbent writes, too. Undefined for what is nested too deeply to be looked at.
 */
function readable(spec: Record<string, unknown>): FlinkDeploymentSpec | undefined {
  const parsed = parseFlinkDeploymentSpec(spec);
  if (parsed.ok) return parsed.value;
  const bad = new Set(parsed.error.map(({ path }) => path.split(/[.[]/)[1] ?? ''));
  const rest = parseFlinkDeploymentSpec(Object.fromEntries(Object.entries(spec).filter(([field]) => !bad.has(field))));
  return rest.ok ? rest.value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an unreadable record is no record; the caller says so
  }
}
