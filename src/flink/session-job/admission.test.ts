import { describe, expect, it } from 'vitest';
import { describeIssue } from '../../core/issue.ts';
import type { KubeObject } from '../../kube/object.ts';
import { CANARY_LABEL } from '../canary.ts';
import { encodeSpec } from '../record.ts';
import { aFlinkDeployment } from '../testing.ts';
import { sessionJobAdmission } from './admission.ts';
import { UNSEEN } from './observed.ts';
import { situationOf } from './situation.ts';
import { aSessionJob, type SessionJobOverrides } from './testing.ts';

const DEFAULTS = { flinkConfiguration: {} };

function judge(overrides: SessionJobOverrides, ...there: readonly KubeObject[]) {
  const read = {
    get: ({ kind, name }: { kind: string; name: string }) =>
      there.find((object) => object.kind === kind && object.metadata.name === name),
    list: () => [],
  };
  const { issues, warnings } = sessionJobAdmission(() => DEFAULTS).judge(aSessionJob(overrides), read);
  return { issues: issues.map(describeIssue), warnings };
}

describe('admission of FlinkSessionJobs', () => {
  it('has nothing against one whose session is not there yet', () => {
    expect(judge({})).toEqual({ issues: [], warnings: [] });
  });

  it('finds what a pass refuses, in its words', () => {
    const overrides = { spec: { deploymentName: 'Not_A_Name', job: { jarURI: 'ftp://jars.example.com/a.jar' } } };
    const { refusal } = situationOf(aSessionJob(overrides), UNSEEN, new Date(0), DEFAULTS);
    expect(judge(overrides).issues).toHaveLength(2);
    expect(judge(overrides).issues.join('; ')).toBe(refusal?.message);
  });

  it('refuses an application cluster as session', () => {
    expect(judge({}, aFlinkDeployment()).issues).toEqual([
      'spec.deploymentName: "orders" is not valid, it must name a session cluster; FlinkDeployment orders has spec.job, so it is an application cluster',
    ]);
  });

  it('knows what was last acted on', () => {
    const lastReconciledSpec = encodeSpec(aSessionJob().spec, 'running', false);
    const status = { reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec } } as const;
    expect(judge({ spec: { deploymentName: 'other' }, status }).issues).toEqual([
      'spec.deploymentName: "other" is not valid, it must stay orders; delete the session job and create it again to move it',
    ]);
  });

  it('lets a canary be as it is', () => {
    const spec = { deploymentName: 'Not_A_Name' };
    expect(judge({ metadata: { labels: { [CANARY_LABEL]: 'true' } }, spec }).issues).toEqual([]);
  });

  it('warns of what is deprecated', () => {
    expect(judge({ spec: { job: { savepointTriggerNonce: 1 } } }).warnings).toEqual([
      'spec.job.savepointTriggerNonce: is deprecated, create a FlinkStateSnapshot instead',
    ]);
  });
});
