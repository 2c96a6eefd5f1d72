import type { Issue } from '../core/issue.ts';
import { issueAt, issueOf } from '../core/issues.ts';
import { isDnsSubdomain } from '../kube/names.ts';
import { podTemplateProblems } from '../kube/pod-template-rules.ts';
import type { PodTemplate } from '../kube/schema-parts.ts';
import { sparkContainerOf } from './conf/pod-templates.ts';
import type { DriverSpec, ExecutorSpec, SparkApplicationSpec } from './schema.ts';
import { type Named, RESERVED_LABELS } from './validate-conf.ts';
import { containerIssues } from './validate-container.ts';

type Role = 'driver' | 'executor';

/** Every rule the pods' fields break. */
export function validatePods(metadata: Named, spec: SparkApplicationSpec): readonly Issue[] {
  const { driver, executor } = spec;
  return [
    ...labelIssues(['metadata', 'labels'], metadata.labels),
    ...podNameIssues(['spec', 'driver', 'podName'], driver?.podName),
    ...podNameIssues(['spec', 'sparkConf', POD_NAME], spec.sparkConf?.[POD_NAME]),
    ...instanceIssues(executor),
    ...(['driver', 'executor'] as const).flatMap((role) => roleIssues(role, spec)),
  ];
}

const POD_NAME = 'spark.kubernetes.driver.pod.name';

function podNameIssues(path: readonly PropertyKey[], podName: string | undefined): readonly Issue[] {
  if (podName === undefined || isDnsSubdomain(podName)) return [];
  const rule = "be a pod name: at most 253 lower-case letters, digits, '-' and '.'";
  return [issueAt(path, podName, rule)];
}

function instanceIssues({ instances }: ExecutorSpec = {}): readonly Issue[] {
  if (instances === undefined || instances >= 1) return [];
  return [issueAt(['spec', 'executor', 'instances'], instances, 'be at least 1')];
}

function roleIssues(role: Role, spec: SparkApplicationSpec): readonly Issue[] {
  const fields = spec[role] ?? {};
  const { nodeSelector, labels, template } = fields;
  return [
    ...labelIssues(['spec', role, 'labels'], labels),
    ...imageIssues(role, spec),
    ...containerIssues(role, fields),
    ...(nodeSelector !== undefined && spec.nodeSelector !== undefined
      ? [
          issueAt(
            ['spec', role, 'nodeSelector'],
            nodeSelector,
            'not be set beside spec.nodeSelector, which is for both roles',
          ),
        ]
      : []),
    ...(template === undefined ? [] : templateIssues(role, template)),
    ...mountIssues(role, spec),
    ...secretIssues(role, fields),
  ];
}

function labelIssues(path: readonly PropertyKey[], labels: Readonly<Record<string, string>> = {}): readonly Issue[] {
  return Object.entries(labels)
    .filter(([key]) => RESERVED_LABELS.has(key))
    .map(([key, value]) => issueAt([...path, key], value, 'not be set, since Spark sets this label itself'));
}

function imageIssues(role: Role, spec: SparkApplicationSpec): readonly Issue[] {
  const fields = spec[role] ?? {};
  const image = fields.image ?? spec.image ?? sparkContainerOf(role, fields.template)?.image;
  if ((image ?? '').trim() !== '') return [];
  return [issueAt(['spec', role, 'image'], image, 'name the image, here or in spec.image')];
}

function templateIssues(role: Role, template: PodTemplate): readonly Issue[] {
  return podTemplateProblems(template, ['spec', role, 'template']).map(issueOf);
}

/** A mount of a volume that nobody defines: the API server would refuse the pod, and the driver its executors. */
function mountIssues(role: Role, spec: SparkApplicationSpec): readonly Issue[] {
  const fields = spec[role] ?? {};
  const volumes = [...(spec.volumes ?? []), ...(fields.template?.spec?.volumes ?? [])];
  const names = new Set(volumes.map(({ name }) => name));
  return (fields.volumeMounts ?? []).flatMap(({ name, mountPath }, index) => {
    const at = (field: string) => ['spec', role, 'volumeMounts', index, field];
    return [
      ...(names.has(name) ? [] : [issueAt(at('name'), name, 'name a volume of spec.volumes')]),
      ...((mountPath ?? '') === '' ? [issueAt(at('mountPath'), mountPath, 'be a path in the container')] : []),
    ];
  });
}

function secretIssues(role: Role, { secrets = [], configMaps = [] }: DriverSpec): readonly Issue[] {
  const lists = { secrets, configMaps } as const;
  return (['secrets', 'configMaps'] as const).flatMap((field) =>
    lists[field].flatMap(({ name, path }, index) => [
      ...(isDnsSubdomain(name ?? '')
        ? []
        : [issueAt(['spec', role, field, index, 'name'], name, 'be the name of one')]),
      ...((path ?? '').startsWith('/')
        ? []
        : [issueAt(['spec', role, field, index, 'path'], path, 'be an absolute path in the container')]),
    ]),
  );
}
