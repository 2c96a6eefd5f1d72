import { gateIssues } from '../../core/capacity/gate.ts';
import type { Issue } from '../../core/issue.ts';
import { issueAt } from '../../core/issues.ts';
import { isServiceName } from '../../kube/names.ts';
import type { KubeObject } from '../../kube/object.ts';
import { sparkContainerOf } from '../conf/pod-templates.ts';
import { atLeast, validateSpec } from '../validate.ts';
import { SOME_EXECUTORS } from '../validate-launch.ts';
import { applicationFor } from './application.ts';
import { clientServiceName } from './desired.ts';
import type { SparkConnectSpec } from './schema.ts';

/** Longest name: `-server` comes behind it, and Services have at most 63 characters. */
const MAX_NAME = 56;
const NAME_RULE = `be at most ${MAX_NAME} lower-case letters, digits and '-', start with a letter and not end with '-'`;

/** Every rule a spec breaks; empty when it can be acted on. */
export function validateConnect(connect: KubeObject, spec: SparkConnectSpec): readonly Issue[] {
  const { name } = connect.metadata;
  const application = applicationFor(connect, spec);
  return [
    ...(isServiceName(name) && name.length <= MAX_NAME ? [] : [issueAt(['metadata', 'name'], name, NAME_RULE)]),
    ...imageIssues(spec),
    ...serviceIssues(connect, spec),
    ...gateIssues(connect),
    ...atLeast(INSTANCES, spec.executor?.instances, 0),
    ...validateSpec(application.metadata, application.spec)
      .filter(isNews)
      .map((issue) => ofServer(atInstances(issue, spec))),
  ];
}

function imageIssues(spec: SparkConnectSpec): readonly Issue[] {
  if ((spec.image ?? '').trim() !== '') return [];
  return (['driver', 'executor'] as const).flatMap((role) => {
    const at = role === 'driver' ? 'server' : 'executor';
    const image = sparkContainerOf(role, spec[at]?.template)?.image;
    if ((image ?? '').trim() !== '') return [];
    return [issueAt(['spec', 'image'], spec.image, `name the image, here or in spec.${at}.template`)];
  });
}

function serviceIssues(connect: KubeObject, spec: SparkConnectSpec): readonly Issue[] {
  const name = clientServiceName(connect, spec);
  if (spec.server?.service === undefined || isServiceName(name)) return [];
  const rule = "be the name of a Service: at most 63 lower-case letters, digits and '-', starting with a letter";
  return [issueAt(['spec', 'server', 'service', 'metadata', 'name'], name, rule)];
}

/** What is said of a SparkConnect in its own words already. */
function isNews({ path }: Issue): boolean {
  return !/^(metadata\.name|spec\.(driver|executor)\.image|spec\.executor\.instances)$/.test(path);
}

/** No executors of the spec are a property of the application, which is not where their author looks. */
function atInstances(issue: Issue, { executor }: SparkConnectSpec): Issue {
  if (issue.rule !== SOME_EXECUTORS || executor?.instances !== 0) return issue;
  return issueAt(INSTANCES, executor.instances, issue.rule);
}

const INSTANCES = ['spec', 'executor', 'instances'];

/** The driver of a SparkConnect is its server. */
function ofServer(issue: Issue): Issue {
  const named = (text: string): string => text.replaceAll('spec.driver', 'spec.server');
  return { ...issue, path: named(issue.path), rule: named(issue.rule) };
}
