import type { KubeObject } from '../../../kube/object.ts';
import type { KubeAccess } from '../access.ts';
import { type Fields, fieldsOf, listOf } from './world.ts';

/** The files a container finds mounted, by path. */
export type Files = ReadonlyMap<string, string>;

/** The first container of a pod, which is the one whose process is simulated. */
export function mainContainer(pod: KubeObject): Fields {
  return fieldsOf(listOf(fieldsOf(pod.spec).containers)[0]);
}

/** Names of all containers; those after the first are taken to run and be ready whenever the first one runs. */
export function containerNames(pod: KubeObject): readonly string[] {
  return listOf(fieldsOf(pod.spec).containers).map((container) => String(fieldsOf(container).name));
}

type Content = Readonly<Record<string, string>>;

/** The data of a ConfigMap or Secret in the pod's namespace; undefined if there is none. */
function contentOf(kube: KubeAccess, pod: KubeObject, kind: 'ConfigMap' | 'Secret', name: string): Content | undefined {
  const { namespace = '' } = pod.metadata;
  const found = kube.get({ apiVersion: 'v1', kind, namespace, name });
  if (found === undefined) return undefined;
  const data = fieldsOf(found.data) as Content;
  if (kind === 'ConfigMap') return data;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
  return { ...Object.fromEntries(decoded), ...(fieldsOf(found.stringData) as Content) };
}

/** Files of all volumes from ConfigMaps and Secrets, or in words what is missing so that nothing can be mounted. */
export function mountedFiles(kube: KubeAccess, pod: KubeObject): Files | string {
  const files = new Map<string, string>();
  const mounts = listOf(mainContainer(pod).volumeMounts).map(fieldsOf);
  for (const volume of listOf(fieldsOf(pod.spec).volumes).map(fieldsOf)) {
    const content = volumeContent(kube, pod, volume);
    if (typeof content === 'string') return `MountVolume.SetUp failed for volume "${volume.name}" : ${content}`;
    for (const mount of mounts.filter(({ name }) => name === volume.name)) addFiles(files, mount, content);
  }
  return files;
}

function addFiles(files: Map<string, string>, { mountPath, subPath }: Fields, content: Content): void {
  for (const [path, text] of Object.entries(content)) {
    if (subPath === undefined) files.set(`${mountPath}/${path}`, text);
    else if (path === subPath) files.set(String(mountPath), text);
  }
}

/** What a volume holds, by path within it; empty for volumes of other types. A text says what is missing. */
function volumeContent(kube: KubeAccess, pod: KubeObject, volume: Fields): Content | string {
  const [kind, source, name] =
    volume.secret === undefined
      ? (['ConfigMap', fieldsOf(volume.configMap), fieldsOf(volume.configMap).name] as const)
      : (['Secret', fieldsOf(volume.secret), fieldsOf(volume.secret).secretName] as const);
  if (typeof name !== 'string') return {};
  const content = contentOf(kube, pod, kind, name);
  if (content === undefined) {
    return source.optional === true ? {} : `${kind.toLowerCase()} "${name}" not found`;
  }
  if (source.items === undefined) return content;
  const items = listOf(source.items).map(fieldsOf);
  const missing = items.find(({ key }) => content[String(key)] === undefined);
  if (missing !== undefined && source.optional !== true) return `references non-existent config key: ${missing.key}`;
  const found = items.filter(({ key }) => content[String(key)] !== undefined);
  return Object.fromEntries(found.map(({ key, path }) => [String(path), content[String(key)] ?? '']));
}

/** spec.env of the first container with its references resolved; what cannot be resolved is left out. */
export function environmentOf(kube: KubeAccess, pod: KubeObject): Readonly<Record<string, string>> {
  const resolved = listOf(mainContainer(pod).env).map(fieldsOf);
  const entries = resolved.flatMap((variable) => {
    const value = variable.value ?? referenced(kube, pod, fieldsOf(variable.valueFrom));
    return value === undefined ? [] : [[String(variable.name), String(value)] as const];
  });
  return Object.fromEntries(entries);
}

function referenced(kube: KubeAccess, pod: KubeObject, from: Fields): unknown {
  if (from.fieldRef !== undefined) return podField(pod, String(fieldsOf(from.fieldRef).fieldPath));
  const kind = from.secretKeyRef === undefined ? 'ConfigMap' : 'Secret';
  const { name, key } = fieldsOf(from.secretKeyRef ?? from.configMapKeyRef);
  return contentOf(kube, pod, kind, String(name))?.[String(key)];
}

/** `metadata.name`, `status.podIP`, `metadata.labels['app']`: the downward API. */
function podField(pod: KubeObject, path: string): unknown {
  const [, parent = path, key] = /^(.*)\['(.*)'\]$/.exec(path) ?? [];
  const value = parent.split('.').reduce<unknown>((object, name) => fieldsOf(object)[name], pod);
  return key === undefined ? value : fieldsOf(value)[key];
}
