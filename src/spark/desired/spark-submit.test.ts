import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { merged } from '../../core/testing/merged.ts';
import { deepEqual, isRecord } from '../../lib/json.ts';
import { submissionOf } from '../conf/submission.ts';
import { parseSparkApplicationSpec, SPARK_APPLICATION_KIND, type SparkApplication } from '../schema.ts';
import { effectiveConf } from '../spark-conf.ts';
import { submittedOf } from '../testing/submitted.ts';
import { validateSpec } from '../validate.ts';
import { desiredSubmission } from './index.ts';

/*
 * What Weir makes of a spec beside what Spark's own spark-submit makes of the same. Recorded by e2e/spark-submit; every
 * difference is one that __recorded__/differences.yaml justifies.
 */

const folder = join(import.meta.dirname, '__recorded__');
const VERSIONS = ['4.3.0', '3.5.9'];

interface Justified {
  /** Pattern of the paths, such as `pod/labels/team`. */
  readonly at: string;
  readonly why: string;
}

interface Difference {
  readonly path: string;
  readonly spark: unknown;
  readonly weir: unknown;
}

const justified = load(readFileSync(join(folder, 'differences.yaml'), 'utf8')) as readonly Justified[];
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && file !== 'differences.yaml');
const cases = files.flatMap((file) => VERSIONS.map((version) => [file.replace('.yaml', ''), version] as const));

function applicationOf(file: string, version: string): { application: SparkApplication; spark: unknown } {
  const {
    name = 'app',
    application,
    recorded,
  } = load(readFileSync(join(folder, `${file}.yaml`), 'utf8')) as {
    name?: string;
    application: object;
    recorded: Record<string, object>;
  };
  const parsed = parseSparkApplicationSpec({ mode: 'cluster', sparkVersion: version, ...application });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const metadata = { name, namespace: 'default', uid: '5c8f3a52-90f4-4c39-8d6a-2a1a3f0c7d11' };
  expect(validateSpec(metadata, parsed.value)).toEqual([]);
  return {
    application: { ...SPARK_APPLICATION_KIND, metadata, spec: parsed.value },
    spark: merged<unknown>(recorded.every, recorded[version]),
  };
}

function differencesOf(file: string, version: string): readonly Difference[] {
  const { application, spark } = applicationOf(file, version);
  const submission = submissionOf('uid', 1, Date.parse('2026-02-03T04:05:06Z'));
  const conf = effectiveConf(application, submission);
  const { supports, driver, confFolder } = desiredSubmission(application, conf, submission);
  return differences('', spark, submittedOf([...supports, driver, confFolder]));
}

function differences(path: string, spark: unknown, weir: unknown): readonly Difference[] {
  if (!isRecord(spark) || !isRecord(weir)) return deepEqual(spark, weir) ? [] : [{ path, spark, weir }];
  const keys = [...new Set([...Object.keys(spark), ...Object.keys(weir)])].sort();
  return keys.flatMap((key) => differences(path === '' ? key : `${path}/${key}`, spark[key], weir[key]));
}

const matches = ({ at }: Justified, { path }: Difference): boolean => new RegExp(`^${at}$`).test(path);

describe('beside spark-submit', () => {
  it('has at least twenty specs', () => {
    expect(files.length).toBeGreaterThanOrEqual(20);
  });

  it.each(cases)('%s on Spark %s differs only as justified', (file, version) => {
    const found = differencesOf(file, version);
    expect(found.filter((difference) => !justified.some((rule) => matches(rule, difference)))).toEqual([]);
  });

  it('differs in every way that is justified', () => {
    const found = cases.flatMap(([file, version]) => differencesOf(file, version));
    expect(justified.filter((rule) => !found.some((difference) => matches(rule, difference)))).toEqual([]);
  });
});
