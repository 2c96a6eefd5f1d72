import { isTrue } from '../../core/properties.ts';
import { prefixed } from '../conf/entry.ts';
import { sparkAtLeast } from '../conf/versions.ts';
import type { Build, Fields } from './names.ts';

/** A volume with its place in the Spark container. */
export interface Mount {
  readonly volume: Fields;
  readonly mount: Fields;
}

/** A volume of a source, and where it is mounted. */
export function mounted(name: string, source: Fields, place: Fields): Mount {
  return { volume: { name, ...source }, mount: { name, ...place } };
}

/** What properties say of one volume, by the rest of their keys. */
type Options = ReadonlyMap<string, string>;

/** Volumes of spark.kubernetes.driver.volumes.<type>.<name>.… (MountVolumesFeatureStep, 3.3 to 4.3), in the order of type and name. */
export function propertyMounts(build: Build): readonly Mount[] {
  const byVolume = new Map<string, Map<string, string>>();
  for (const [key, value] of prefixed(build.conf, 'spark.kubernetes.driver.volumes.')) {
    const match = /^([^.]+)\.(.+?)\.((?:mount|options|label|annotation)\..+)$/.exec(key);
    if (match === null) continue;
    const id = `${match[1]}.${match[2]}`;
    byVolume.set(id, (byVolume.get(id) ?? new Map()).set(match[3] ?? '', value));
  }
  return [...byVolume].map(([id, options]) => propertyMount(build, id, options));
}

function propertyMount(build: Build, id: string, options: Options): Mount {
  const type = id.slice(0, id.indexOf('.'));
  const name = id.slice(id.indexOf('.') + 1);
  const readOnly = options.get('mount.readOnly') === 'true';
  return mounted(name, propertySource(build, type, options), {
    mountPath: options.get('mount.path') ?? '',
    ...picked(options, { 'mount.subPath': 'subPath', 'mount.subPathExpr': 'subPathExpr' }),
    ...(readOnly ? { readOnly } : {}),
  });
}

function propertySource(build: Build, type: string, options: Options): Fields {
  switch (type) {
    case 'hostPath':
      return { hostPath: picked(options, { 'options.path': 'path', 'options.type': 'type' }) };
    case 'emptyDir':
      return { emptyDir: picked(options, { 'options.medium': 'medium', 'options.sizeLimit': 'sizeLimit' }) };
    case 'nfs':
      return { nfs: picked(options, { 'options.path': 'path', 'options.server': 'server' }) };
    default:
      return claimSource(build, options);
  }
}

/** The name of a claim that is to be made for the pod (MountVolumesFeatureStep, 3.3 to 4.3). */
export const ON_DEMAND = 'OnDemand';

/**
 * A claim that is there, or one that is made with the pod and goes with it. Spark makes that one itself and lets the pod own it;
 * as an ephemeral volume Kubernetes does the same.
 */
function claimSource(build: Build, options: Options): Fields {
  if (options.get('options.claimName') === ON_DEMAND) {
    return { ephemeral: { volumeClaimTemplate: madeClaim(build, options) } };
  }
  const readOnly = options.get('mount.readOnly') === 'true';
  return {
    persistentVolumeClaim: {
      ...picked(options, { 'options.claimName': 'claimName' }),
      ...(readOnly ? { readOnly } : {}),
    },
  };
}

function madeClaim(build: Build, options: Options): Fields {
  const annotations = under(options, 'annotation.');
  return {
    metadata: {
      labels: { ...under(options, 'label.'), 'spark-app-selector': build.submission.applicationId },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      accessModes: [accessMode(build)],
      ...picked(options, { 'options.storageClass': 'storageClassName' }),
      resources: { requests: picked(options, { 'options.sizeLimit': 'storage' }) },
    },
  };
}

/** From Spark 4.0 on no other pod may have the volume, unless the older way is asked for. */
function accessMode({ application, conf }: Build): string {
  const legacy = isTrue(conf, 'spark.kubernetes.legacy.useReadWriteOnceAccessMode', false);
  return sparkAtLeast(application.spec.sparkVersion, 4, 0) && !legacy ? 'ReadWriteOncePod' : 'ReadWriteOnce';
}

function picked(options: Options, names: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(
    Object.entries(names).flatMap(([option, field]) => {
      const value = options.get(option);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

function under(options: Options, prefix: string): Fields {
  return Object.fromEntries(
    [...options].flatMap(([option, value]) =>
      option.startsWith(prefix) ? [[option.slice(prefix.length), value]] : [],
    ),
  );
}
