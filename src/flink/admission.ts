import type { Admission, Judgement } from '../core/admission.ts';
import { describeIssue } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import { podTemplateWarnings } from '../kube/pod-template-fields.ts';
import { isLabelledCanary } from './canary.ts';
import { IMAGE_OPTIONS } from './conf/cluster-rules.ts';
import { namesImage } from './conf/pod-templates.ts';
import { atLeast, defaultImage, flinkVersionOf } from './conf/versions.ts';
import { firstSet, flattenConfiguration } from './configuration.ts';
import { deployedConf, effectiveConf, type FlinkConf, type OperatorDefaults, renderIssues } from './flink-conf.ts';
import { lostFolderWarnings } from './lost-folders.ts';
import { optionValue } from './options/read.ts';
import { RESOURCE_OPTIONS } from './options/resource-table.ts';
import { optionWarnings } from './options.ts';
import { overruledWarnings } from './overruled.ts';
import { readRecord } from './record.ts';
import {
  FLINK_API_VERSION,
  type FlinkDeployment,
  type FlinkDeploymentSpec,
  type FlinkDeploymentStatus,
  parseFlinkDeploymentSpec,
} from './schema.ts';
import { refusalOf } from './situation.ts';
import { deprecations } from './validate.ts';

/** The rules for FlinkDeployments under the operator's configuration of the moment. */
export function flinkAdmission(defaults: () => OperatorDefaults): Admission {
  return {
    kind: { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment', plural: 'flinkdeployments' },
    judge: (resource) => ({
      issues: issuesOf(resource, defaults()),
      warnings: deploymentWarnings(resource, defaults()),
    }),
  };
}

/** Nothing is made of a canary, so nothing in it can be wrong. */
function issuesOf(resource: KubeObject, defaults: OperatorDefaults): Judgement['issues'] {
  const record = readRecord(resource.status as FlinkDeploymentStatus | undefined);
  if (isLabelledCanary(resource) && record === undefined) return [];
  return refusalOf(resource, defaults)?.issues ?? [];
}

/** What a FlinkDeployment has that works but should be looked at, a sentence each; never throws, whatever the resource holds. */
export function deploymentWarnings(resource: KubeObject, defaults: OperatorDefaults): readonly string[] {
  const parsed = parseFlinkDeploymentSpec(resource.spec);
  if (!parsed.ok) return [];
  const spec = parsed.value;
  const always = [...specWarnings(spec), ...unknownInTemplates(spec)];
  // Of what is refused, the parts that the rest looks into may be anything.
  if (refusalOf(resource, defaults) !== undefined) return always;
  const conf = effectiveConf({ ...resource, spec } as FlinkDeployment, defaults);
  return [
    ...unnamedImage(spec),
    ...always,
    ...cutShort(spec, conf),
    ...overruledWarnings(spec, conf),
    ...lostFolderWarnings(spec, conf),
    ...unmanagedIngress(spec, conf),
  ];
}

/** The image that runs where nobody names one has no job in it but Flink's examples. */
function unnamedImage(spec: FlinkDeploymentSpec): readonly string[] {
  const named = (spec.image ?? '').trim() !== '' || namesImage(spec);
  if (named || firstSet(flattenConfiguration(spec.flinkConfiguration), IMAGE_OPTIONS) !== undefined) return [];
  return [
    `spec.image is not set: ${defaultImage(flinkVersionOf(spec))} is used unless the operator's defaults name one`,
  ];
}

/** Values the file of Flink before 2.0 cannot hold. What Flink 2 does not read is refused; a standalone job gets its arguments another way. */
function cutShort(spec: FlinkDeploymentSpec, conf: FlinkConf): readonly string[] {
  const version = flinkVersionOf(spec);
  if (atLeast(version, 'v2_0')) return [];
  return renderIssues(deployedConf(conf), version)
    .filter(({ path }) => !(spec.mode === 'standalone' && path === 'spec.job.args'))
    .map(describeIssue);
}

function unmanagedIngress({ ingress }: FlinkDeploymentSpec, conf: FlinkConf): readonly string[] {
  const { manageIngress } = RESOURCE_OPTIONS;
  if (ingress === undefined || optionValue(conf, manageIngress)) return [];
  return [`spec.ingress has no effect, since ${manageIngress.key} is false`];
}

/** What kubectl refuses by the incumbent's CRD, which describes every field of a pod; this one lets newer fields through. */
function unknownInTemplates({ podTemplate, jobManager, taskManager }: FlinkDeploymentSpec): readonly string[] {
  return [
    ...podTemplateWarnings(podTemplate, ['spec', 'podTemplate']),
    ...podTemplateWarnings(jobManager?.podTemplate, ['spec', 'jobManager', 'podTemplate']),
    ...podTemplateWarnings(taskManager?.podTemplate, ['spec', 'taskManager', 'podTemplate']),
  ];
}

/** The same for what every spec has, of a session job too. */
export function specWarnings(spec: FlinkDeploymentSpec): readonly string[] {
  return [...deprecations(spec), ...optionWarnings(flattenConfiguration(spec.flinkConfiguration))];
}
