import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import type { DeepPartial } from '../core/testing/merged.ts';
import { parseJavaProperties } from '../lib/java-properties.ts';
import type { SparkConf } from './conf/entry.ts';
import { submissionOf } from './conf/submission.ts';
import { connectSituation } from './connect/situation.ts';
import { aSparkConnect } from './connect/testing.ts';
import { applicationPods } from './demand.ts';
import { propertiesText } from './desired/properties.ts';
import { UNSEEN } from './observed.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { effectiveConf, type SparkProperty } from './spark-conf.ts';
import { actionsOf, driver, endedDriver, type Given, NOW, plan } from './testing/pass.ts';
import { aSparkApplication } from './testing.ts';
import { validateDefaults } from './validate-defaults.ts';

type Defaults = Readonly<Record<string, string>>;

const LOGS = { 'spark.eventLog.enabled': 'true' };
const OTHERS = { 'spark.eventLog.enabled': 'false', 'spark.speculation': 'true' };

function property(defaults: Defaults, spec: DeepPartial<SparkApplicationSpec>, key: string): SparkProperty | undefined {
  return effectiveConf(aSparkApplication({ spec }), submissionOf('uid', 1, 1000, defaults)).get(key);
}

/** The text of the properties that a plan makes for a driver. */
function propertiesIn(given: Given): string {
  const maps = plan(given).actions.flatMap((action) =>
    action.kind === 'apply' && action.object.kind === 'ConfigMap' ? [action.object.data] : [],
  );
  return JSON.stringify(maps);
}

describe("the operator's default properties", () => {
  it('hold where nobody says anything else, and say where they are from', () => {
    expect(property(LOGS, {}, 'spark.eventLog.enabled')).toEqual({
      value: 'true',
      origin: 'operator default',
      because: 'spark-defaults.conf',
    });
    expect(property(LOGS, { sparkConf: OTHERS }, 'spark.eventLog.enabled')).toMatchObject({
      value: 'false',
      overrides: [{ value: 'true', origin: 'operator default' }],
    });
    const pull = 'spark.kubernetes.container.image.pullPolicy';
    expect(property({ [pull]: 'Never' }, { imagePullPolicy: 'Always' }, pull)?.value).toBe('Always');
    const none = { executor: { instances: undefined } };
    expect(property({ 'spark.executor.instances': '5' }, none, 'spark.executor.instances')?.value).toBe('5');
    expect(property({ 'spark.master': 'local' }, {}, 'spark.master')?.origin).toBe('weir');
  });

  it('are recorded with the submission, and those of another day change nothing about it', () => {
    expect(plan({ state: '', settings: { defaults: LOGS } }).status?.submittedDefaults).toEqual(LOGS);
    const submitted: Given = { state: 'SUBMITTED', seen: false, status: { submittedDefaults: LOGS } };
    expect(propertiesIn({ ...submitted, settings: { defaults: OTHERS } })).toBe(propertiesIn(submitted));
    expect(propertiesIn(submitted)).toContain('spark.eventLog.enabled=true');
    const running = plan({ observed: { drivers: [driver('Running')] }, settings: { defaults: OTHERS } });
    expect(running.because).toBe('DriverRunning');
    expect(actionsOf(running)).toEqual([]);
  });

  it('are those of the day for the next run', () => {
    const next: Given = { state: 'PENDING_RERUN', status: { submittedDefaults: LOGS }, settings: { defaults: OTHERS } };
    expect(plan(next).status?.submittedDefaults).toEqual(OTHERS);
    expect(propertiesIn(next)).toContain('spark.speculation=true');
    expect(plan({ ...next, settings: {} }).status).not.toHaveProperty('submittedDefaults');
  });

  it('stay recorded once the run has ended', () => {
    const ended = plan({
      status: { submittedDefaults: LOGS },
      observed: { drivers: [endedDriver({ exitCode: 0, reason: 'Completed' }, 'Succeeded')] },
    });
    expect(ended.status?.submittedDefaults).toEqual(LOGS);
  });

  it('count in what an application needs', () => {
    const defaults = { 'spark.executor.instances': '4', 'spark.executor.memoryOverhead': '1g' };
    const application = aSparkApplication({ spec: { executor: { instances: undefined } } });
    const [, executors] = applicationPods(application, { ...DEFAULT_SETTINGS, defaults });
    expect(executors?.count).toBe(4);
    expect(JSON.stringify(executors?.shape)).toContain(`${(512 + 1024) * 1024 ** 2}`);
  });

  it('hold for Spark Connect servers too', () => {
    const { run } = connectSituation(aSparkConnect(), { ...UNSEEN, services: [] }, NOW, LOGS);
    expect(run.settings.defaults).toEqual(LOGS);
  });

  it.each<[key: string, value: string, rule: string]>([
    ['spark.master', 'yarn', 'not be set, since the operator sets it'],
    ['spark.kubernetes.driver.container.image', 'spark', 'not be set; use spec.driver.image'],
    [
      'spark.executor.memory',
      '12xb',
      'be a whole number with a unit b, k, m, g, t or p and at least 1m, such as 512m or 4g',
    ],
    ['spark.executor.instances', '-1', 'be a whole number of at least 0'],
    ['spark.kubernetes.namespace', 'a', 'not be set for all applications, since each has its own'],
    ['spark.kubernetes.driver.pod.name', 'a', 'not be set for all applications, since each has its own'],
    ['spark.ui.port', '4041', 'not be set for all applications; use spec.sparkConf of those that need it'],
    ['hadoop.a', 'b', 'not be set, since Spark reads only keys that start with spark.'],
  ])('are refused with %s', (key, value, rule) => {
    const [issue, ...more] = validateDefaults({ [key]: value, ...LOGS });
    expect(more).toEqual([]);
    expect(issue && describeIssue(issue)).toBe(`["${key}"]: ${JSON.stringify(value)} is not valid, it must ${rule}`);
  });

  it('hold no secrets, and may say which Secrets are mounted', () => {
    const [issue] = validateDefaults({ 'spark.hadoop.fs.s3a.secret.key': 'hush' });
    expect(issue?.rule).toContain('give it to pods by a Secret');
    expect(issue?.value).not.toContain('hush');
    expect(validateDefaults({ 'spark.jars.repositories': 'https://me:hush@repo.example.org' })).toHaveLength(1);
    expect(validateDefaults({ 'spark.kubernetes.driver.secrets.s3': '/etc/s3' })).toEqual([]);
  });
});

it('properties are read back as they were written', () => {
  const unit = fc.constantFrom(...'a0u=:#!\\ \t\n\r\fé\u0000\u{1f600}');
  const trimmed = fc.string({ unit }).map((text) => text.trim());
  const keys = fc.string({ unit, minLength: 1 });
  fc.assert(
    fc.property(fc.dictionary(keys, trimmed), (properties) => {
      const conf: SparkConf = new Map(
        Object.entries(properties).map(([key, value]) => [key, { value, origin: 'user', because: '' }]),
      );
      expect(parseJavaProperties(propertiesText(conf))).toEqual({ ok: true, value: { ...properties } });
    }),
  );
});
