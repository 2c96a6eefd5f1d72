import { describe, expect, it } from 'vitest';
import { describeIssues } from '../../core/issue.ts';
import { aFlinkDeploymentSpec, type DeepPartial } from '../testing.ts';
import { type JarRules, jarSourceOf } from './jar.ts';
import { type FlinkSessionJobSpec, parseSessionJobSpec } from './schema.ts';
import { REFUSED_SESSION_JOBS } from './testing/refused.ts';
import { aSessionJob } from './testing.ts';
import { validateOnSession, validateSessionJob, validateSessionJobChange } from './validate.ts';

const RULES: JarRules = {
  allowedSchemes: ['https', 's3', 's3a', 's3p'],
  restrictedHosts: 'refused',
  s3Prefixes: undefined,
};

function problems(spec: DeepPartial<FlinkSessionJobSpec>, rules: Partial<JarRules> = {}): string {
  return describeIssues(validateSessionJob(aSessionJob({ spec }).spec, { ...RULES, ...rules }));
}

describe('a session job by itself', () => {
  it.each<[DeepPartial<FlinkSessionJobSpec>]>([
    [{}],
    [{ job: { jarURI: 'https://1.1.1.1:8443/a.jar' } }],
    [{ job: { jarURI: 's3://bucket/team a/a%20b.jar' } }],
    [{ job: { jarURI: 's3a://10.0.0.1/a.jar' } }],
    [{ job: { jarURI: 's3p://bucket_of_old/a.jar' } }],
    [{ job: { jarURI: 'local:///opt/flink/usrlib/a.jar', entryClass: 'A' } }],
    [{ job: { jarURI: undefined, entryClass: 'A' } }],
  ])('may be %j', (spec) => {
    expect(problems(spec)).toBe('');
  });

  it.each(REFUSED_SESSION_JOBS)('may not be %j', (spec, message) => {
    expect(problems(spec)).toBe(message);
  });

  it('may be what the operator allows beyond its defaults', () => {
    expect(problems({ job: { jarURI: 'http://jars.example.com/a.jar' } }, { allowedSchemes: ['http'] })).toBe('');
    expect(problems({ job: { jarURI: 'https://10.0.0.1/a.jar' } }, { restrictedHosts: 'allowed' })).toBe('');
  });

  it('may be in S3 where the operator lets it, and nowhere else there', () => {
    const rules = { s3Prefixes: ['jars', 'shared/team'] };
    const told = (jarURI: string, given: Partial<JarRules> = rules): string => problems({ job: { jarURI } }, given);
    expect(told('s3://jars/a.jar') + told('s3a://shared/team/b/a.jar')).toBe('');
    const places =
      'be in a bucket or folder of kubernetes.operator.user.artifacts.s3.allowed-prefixes (s3://jars, s3://shared/team)';
    for (const uri of ['s3://jars2/a.jar', 's3://shared/a.jar', 's3p://shared/teams/a.jar', 's3://other/jars/a.jar']) {
      expect(told(uri)).toBe(`spec.job.jarURI: "${uri}" is not valid, it must ${places}`);
    }
    expect(told('s3://jars/a.jar', { s3Prefixes: [] })).toContain('allowed-prefixes ()');
    expect(told('s3a://jars/a.jar', { allowedSchemes: ['https', 's3'] })).toContain('allowed-schemes (https, s3)');
  });

  it('is read whole, with nulls as absent', () => {
    const parsed = parseSessionJobSpec({ deploymentName: 'a', restartNonce: null, job: { extra: 1 } });
    expect(parsed).toEqual({ ok: true, value: { deploymentName: 'a', job: { extra: 1 } } });
    expect(parseSessionJobSpec({ deploymentName: 5 })).toEqual({
      ok: false,
      error: [{ path: 'spec.deploymentName', value: '5', rule: 'be a text, in quotes' }],
    });
  });
});

describe('a session job on its session', () => {
  function onSession(
    spec: DeepPartial<FlinkSessionJobSpec>,
    session: Parameters<typeof aFlinkDeploymentSpec>[0] = { job: undefined },
    conf: Readonly<Record<string, string>> = {},
  ): string {
    const issues = validateOnSession(
      aSessionJob({ spec }).spec,
      aFlinkDeploymentSpec(session),
      new Map(Object.entries(conf)),
    );
    return describeIssues(issues);
  }

  it('needs a session cluster', () => {
    expect(onSession({})).toBe('');
    expect(onSession({}, {})).toBe(
      'spec.deploymentName: "orders" is not valid, it must name a session cluster; FlinkDeployment orders has spec.job, so it is an application cluster',
    );
  });

  it('needs a folder for checkpoints where it keeps state, its own or the session’s', () => {
    expect(onSession({ job: { upgradeMode: 'last-state' } })).toBe(
      'spec.flinkConfiguration["execution.checkpointing.dir"]: is missing, it must name a folder for checkpoints (before Flink 1.20 by state.checkpoints.dir), since upgradeMode is last-state',
    );
    expect(onSession({ job: { upgradeMode: 'last-state' } }, undefined, { 'state.checkpoints.dir': 's3://b/c' })).toBe(
      '',
    );
  });

  it('follows the rules of the autoscaler where that is on, by its own options or the session’s', () => {
    const spec = { flinkConfiguration: { 'job.autoscaler.utilization.target': '7' } };
    expect(onSession(spec)).toBe('');
    expect(onSession(spec, undefined, { 'job.autoscaler.enabled': 'true' })).toBe(
      'spec.flinkConfiguration["job.autoscaler.utilization.target"]: "7" is not valid, it must be a number from 0 to 1',
    );
  });

  it('runs a jar of the image from Flink 1.20 on', () => {
    const spec = { job: { jarURI: 'local:///opt/a.jar', entryClass: 'A' } };
    expect(onSession(spec, { job: undefined, flinkVersion: 'v1_20' })).toBe('');
    expect(onSession(spec, { job: undefined, flinkVersion: 'v1_19' })).toBe(
      'spec.job.jarURI: "local:///opt/a.jar" is not valid, it must be a URL that the operator fetches (https, s3), since a session runs jars of its image from Flink 1.20 on and this one is v1_19',
    );
  });

  it('needs a parallelism Flink can run', () => {
    expect(onSession({ job: { parallelism: 0 } })).toBe('spec.job.parallelism: 0 is not valid, it must be at least 1');
  });
});

describe('a change of a session job', () => {
  const change = (before: DeepPartial<FlinkSessionJobSpec>, after: DeepPartial<FlinkSessionJobSpec>): string =>
    describeIssues(validateSessionJobChange(aSessionJob({ spec: before }).spec, aSessionJob({ spec: after }).spec));

  it('stays on its session', () => {
    expect(change({}, { job: { parallelism: 3 } })).toBe('');
    expect(change({}, { deploymentName: 'other' })).toBe(
      'spec.deploymentName: "other" is not valid, it must stay orders; delete the session job and create it again to move it',
    );
  });

  it('redeploys from a savepoint it names', () => {
    expect(change({}, { job: { savepointRedeployNonce: 1 } })).toBe(
      'spec.job.initialSavepointPath: is missing, it must name the savepoint to start from, since savepointRedeployNonce changed',
    );
  });
});

describe('where the code of a job comes from', () => {
  it.each([
    [{ jarURI: ' https://a.example/b.jar?x=1 ' }, { kind: 'remote', url: 'https://a.example/b.jar?x=1' }],
    [{ jarURI: ' s3a://jars/team a/ü%20.jar ' }, { kind: 'remote', url: 's3a://jars/team a/ü%20.jar' }],
    [{ jarURI: 'local:///opt/a b.jar' }, { kind: 'image', url: 'file:///opt/a%20b.jar' }],
    [{ entryClass: 'A' }, { kind: 'class-path' }],
  ])('%j', (job, source) => {
    expect(jarSourceOf(job)).toEqual(source);
  });
});
