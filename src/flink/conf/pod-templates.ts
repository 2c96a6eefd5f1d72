import { type ArrayMerge, mergePodTemplates } from '../../kube/pod-template.ts';
import { canonicalQuantities } from '../../kube/quantity.ts';
import type { PodTemplate } from '../../kube/schema-parts.ts';
import { optionValue } from '../options/read.ts';
import { RESOURCE_OPTIONS } from '../options/resource-table.ts';
import type { FlinkDeploymentSpec, FlinkJobManagerSpec, FlinkTaskManagerSpec } from '../schema.ts';
import type { FlinkConf } from './entry.ts';
import { isStandalone } from './mode.ts';
import { resourceSpec } from './resource-spec.ts';

/** The container Flink runs in; templates address it by this name (Flink Constants.MAIN_CONTAINER_NAME). */
export const MAIN_CONTAINER = 'flink-main-container';

/** The folder a native JobManager finds its TaskManager template in (Flink Constants.POD_TEMPLATE_DIR_IN_POD). */
export const TASK_MANAGER_TEMPLATE_DIR = '/opt/flink/pod-template';

/** The file's name, which is also the ConfigMap's key (Flink Constants.TASK_MANAGER_POD_TEMPLATE_FILE_NAME). */
export const TASK_MANAGER_TEMPLATE_KEY = 'taskmanager-pod-template.yaml';

/** Where a native JobManager reads the template of TaskManager pods, whatever its options say. */
export const TASK_MANAGER_TEMPLATE_FILE: string = `${TASK_MANAGER_TEMPLATE_DIR}/${TASK_MANAGER_TEMPLATE_KEY}`;

type Component = FlinkJobManagerSpec | FlinkTaskManagerSpec;

/** Whether a native JobManager must be given a template for TaskManager pods. */
export function needsTaskManagerTemplate(spec: FlinkDeploymentSpec): boolean {
  if (isStandalone(spec)) return false;
  const { others } = resourceSpec(spec.taskManager, 'spec.taskManager');
  const extra =
    Object.keys(others.requests).length + Object.keys(others.limits).length + claimsOf(spec.taskManager).length;
  return spec.podTemplate !== undefined || spec.taskManager?.podTemplate !== undefined || extra > 0;
}

/** Whether a template names the image of the main container, of JobManagers or TaskManagers. */
export function namesImage(spec: FlinkDeploymentSpec): boolean {
  return [spec.podTemplate, spec.jobManager?.podTemplate, spec.taskManager?.podTemplate].some((template) =>
    template?.spec?.containers?.some((container) => container.name === MAIN_CONTAINER && container.image !== undefined),
  );
}

/** The JobManager's template: its own over the common one, with the resources Flink has no option for. */
export function jobManagerTemplate(spec: FlinkDeploymentSpec, conf: FlinkConf): PodTemplate {
  return componentTemplate(spec, spec.jobManager, conf);
}

/** The TaskManager's template, likewise. */
export function taskManagerTemplate(spec: FlinkDeploymentSpec, conf: FlinkConf): PodTemplate {
  return componentTemplate(spec, spec.taskManager, conf);
}

function componentTemplate(spec: FlinkDeploymentSpec, component: Component | undefined, conf: FlinkConf): PodTemplate {
  const byName = optionValue(conf, RESOURCE_OPTIONS.mergeArraysByName);
  const arrays: ArrayMerge = byName ? 'by name' : 'by position';
  const merged = mergePodTemplates(spec.podTemplate, component?.podTemplate, arrays);
  return mergePodTemplates<PodTemplate>(merged, extraResources(component), 'by name') ?? {};
}

function extraResources(component: Component | undefined): PodTemplate | undefined {
  const { requests, limits } = resourceSpec(component, '').others;
  const claims = claimsOf(component);
  const resources = {
    ...(Object.keys(requests).length === 0 ? {} : { requests: canonicalQuantities(requests) }),
    ...(Object.keys(limits).length === 0 ? {} : { limits: canonicalQuantities(limits) }),
    ...(claims.length === 0 ? {} : { claims }),
  };
  if (Object.keys(resources).length === 0) return undefined;
  return { spec: { containers: [{ name: MAIN_CONTAINER, resources }] } } as PodTemplate;
}

function claimsOf(component: Component | undefined): readonly object[] {
  return component?.resources?.claims ?? [];
}
