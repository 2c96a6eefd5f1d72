import type { Admission, Judgement } from '../core/admission.ts';
import type { KubeObject } from '../kube/object.ts';
import { isLabelledCanary } from './canary.ts';
import type { OperatorDefaults } from './flink-conf.ts';
import { sentences } from './notice.ts';
import { deploymentNotices } from './notices.ts';
import { readRecord } from './record.ts';
import { FLINK_API_VERSION, type FlinkDeploymentStatus } from './schema.ts';
import { refusalOf } from './situation.ts';

/** The rules for FlinkDeployments under the operator's configuration of the moment. */
export function flinkAdmission(defaults: () => OperatorDefaults): Admission {
  return {
    kind: { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment', plural: 'flinkdeployments' },
    judge: (resource) => ({
      issues: issuesOf(resource, defaults()),
      warnings: sentences(deploymentNotices(resource, defaults())),
    }),
  };
}

/** Nothing is made of a canary, so nothing in it can be wrong. */
function issuesOf(resource: KubeObject, defaults: OperatorDefaults): Judgement['issues'] {
  const record = readRecord(resource.status as FlinkDeploymentStatus | undefined);
  if (isLabelledCanary(resource) && record === undefined) return [];
  return refusalOf(resource, defaults)?.issues ?? [];
}
