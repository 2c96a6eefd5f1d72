import type { Admission, Judgement } from '../core/admission.ts';
import type { KubeObject } from '../kube/object.ts';
import { isLabelledCanary } from './canary.ts';
import { flattenConfiguration } from './configuration.ts';
import type { OperatorDefaults } from './flink-conf.ts';
import { optionWarnings } from './options.ts';
import { readRecord } from './record.ts';
import {
  FLINK_API_VERSION,
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
    judge: (resource) => ({ issues: issuesOf(resource, defaults()), warnings: warningsOf(resource) }),
  };
}

/** Nothing is made of a canary, so nothing in it can be wrong. */
function issuesOf(resource: KubeObject, defaults: OperatorDefaults): Judgement['issues'] {
  const record = readRecord(resource.status as FlinkDeploymentStatus | undefined);
  if (isLabelledCanary(resource) && record === undefined) return [];
  return refusalOf(resource, defaults)?.issues ?? [];
}

function warningsOf(resource: KubeObject): readonly string[] {
  const parsed = parseFlinkDeploymentSpec(resource.spec);
  return parsed.ok ? specWarnings(parsed.value) : [];
}

/** What a spec, of a session job too, has that works but should be looked at, a sentence each. */
export function specWarnings(spec: FlinkDeploymentSpec): readonly string[] {
  return [...deprecations(spec), ...optionWarnings(flattenConfiguration(spec.flinkConfiguration))];
}
