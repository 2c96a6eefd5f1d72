import type { PodTemplate } from '../kube/schema-parts.ts';
import { withoutTrailingSlashes } from '../lib/text.ts';
import { jobManagerTemplate, MAIN_CONTAINER, taskManagerTemplate } from './conf/pod-templates.ts';
import { mapOption } from './conf/values.ts';
import { CHECKPOINT_DIRECTORY, SAVEPOINT_DIRECTORY } from './configuration.ts';
import { type FlinkConf, isHighlyAvailable, optionOf } from './flink-conf.ts';
import type { FlinkDeploymentSpec } from './schema.ts';

/**
 * A sentence for each folder that a later run of a job with state is to start from and that goes with the pods: a path on their
 * own disks (`file:`), where no volume that outlives them is mounted, as far as pod templates and options tell.
 */
export function lostFolderWarnings(spec: FlinkDeploymentSpec, conf: FlinkConf): readonly string[] {
  const mode = spec.job?.upgradeMode ?? 'stateless';
  if (spec.job === undefined || mode === 'stateless') return [];
  const kept = keptPaths(spec, conf);
  return folderKeys(conf).flatMap((key) => {
    const folder = optionOf(conf, key)?.trim() ?? '';
    if (!/^file:/i.test(folder) || kept.every((paths) => holds(paths, folder))) return [];
    const where = conf.get(key)?.because ?? key;
    return [
      `${where}: ${folder} is on the pods' own disks and goes with them, and upgradeMode is ${mode}; mount a volume there or name a folder in a storage`,
    ];
  });
}

function folderKeys(conf: FlinkConf): readonly string[] {
  const folders = [...CHECKPOINT_DIRECTORY, ...SAVEPOINT_DIRECTORY];
  return isHighlyAvailable(conf) ? [...folders, 'high-availability.storageDir'] : folders;
}

/** Where something is mounted that outlives the pod, for JobManagers and for TaskManagers: both write there. */
function keptPaths(spec: FlinkDeploymentSpec, conf: FlinkConf): readonly (readonly string[])[] {
  const claims = [...mapOption(conf, 'kubernetes.persistent-volume-claims')].map(([, path]) => path);
  return [jobManagerTemplate(spec, conf), taskManagerTemplate(spec, conf)].map((template) => [
    ...claims,
    ...lastingMounts(template),
  ]);
}

function lastingMounts({ spec }: PodTemplate): readonly string[] {
  const passing = (spec?.volumes ?? []).filter(({ emptyDir, ephemeral }) => (emptyDir ?? ephemeral) !== undefined);
  const names = new Set(passing.map(({ name }) => name));
  const main = spec?.containers?.find(({ name }) => name === MAIN_CONTAINER);
  return (main?.volumeMounts ?? []).filter(({ name }) => !names.has(name)).map(({ mountPath }) => mountPath);
}

function holds(mounts: readonly string[], folder: string): boolean {
  const path = folder.replace(/^file:\/*/i, '/');
  return mounts.map(withoutTrailingSlashes).some((root) => path === root || path.startsWith(`${root}/`));
}
