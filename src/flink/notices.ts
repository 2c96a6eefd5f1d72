import { describeIssue } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import { podTemplateWarnings } from '../kube/pod-template-fields.ts';
import { imageKey } from './conf/cluster-rules.ts';
import { atLeast, defaultImage, flinkVersionOf } from './conf/versions.ts';
import { flattenConfiguration } from './configuration.ts';
import { deployedConf, effectiveConf, type FlinkConf, type OperatorDefaults, renderIssues } from './flink-conf.ts';
import { lostFolderWarnings } from './lost-folders.ts';
import { type Notice, noticesOf } from './notice.ts';
import { optionValue } from './options/read.ts';
import { RESOURCE_OPTIONS } from './options/resource-table.ts';
import { optionWarnings } from './options.ts';
import { overruledWarnings } from './overruled.ts';
import { type FlinkDeployment, type FlinkDeploymentSpec, specOf } from './schema.ts';
import { refusalOf } from './situation.ts';
import { deprecations } from './validate-change.ts';

/** What a FlinkDeployment has that works but should be looked at; never throws, whatever the resource holds. */
export function deploymentNotices(resource: KubeObject, defaults: OperatorDefaults): readonly Notice[] {
  const parsed = specOf(resource);
  if (!parsed.ok) return [];
  const spec = parsed.value;
  const always = [...specNotices(spec), ...noticesOf('FieldNotApplied', unknownInTemplates(spec))];
  // Of what is refused, the parts that the rest looks into may be anything.
  if (refusalOf(resource, defaults) !== undefined) return always;
  const conf = effectiveConf({ ...resource, spec } as FlinkDeployment, defaults);
  return [
    ...noticesOf('SpecWarning', unnamedImage(spec, conf)),
    ...always,
    ...noticesOf('SpecWarning', cutShort(spec, conf)),
    ...noticesOf('FieldNotApplied', overruledWarnings(spec, conf)),
    ...noticesOf('SpecWarning', lostFolderWarnings(spec, conf)),
    ...noticesOf('FieldNotApplied', unmanagedIngress(spec, conf)),
  ];
}

/** The same for what every spec has, of a session job too. */
export function specNotices(spec: FlinkDeploymentSpec): readonly Notice[] {
  return [
    ...noticesOf('SpecWarning', deprecations(spec)),
    ...noticesOf('UnknownOption', optionWarnings(flattenConfiguration(spec.flinkConfiguration))),
  ];
}

/** The image that runs where nobody names one has no job in it but Flink's examples. */
function unnamedImage(spec: FlinkDeploymentSpec, conf: FlinkConf): readonly string[] {
  const version = flinkVersionOf(spec);
  if (conf.get(imageKey(version))?.origin !== 'weir') return [];
  return [`spec.image is not set: ${defaultImage(version)} is used unless the operator's defaults name one`];
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
