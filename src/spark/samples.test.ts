import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { describeIssues } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import { connectWarnings } from './connect/notices.ts';
import { parseSparkConnectSpec, type SparkConnectSpec } from './connect/schema.ts';
import { validateConnect } from './connect/validate.ts';
import { notAppliedWarnings } from './notices.ts';
import { scheduleWarnings } from './schedule/notices.ts';
import { parseScheduleSpec } from './schedule/schema.ts';
import { DEFAULT_SCHEDULE_SETTINGS } from './schedule/settings.ts';
import { validateSchedule } from './schedule/validate.ts';
import { parseSparkApplicationSpec } from './schema.ts';
import { validateSpec } from './validate.ts';

const folder = join(import.meta.dirname, '../../deploy/samples/spark');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
const objects = files.flatMap((file) =>
  loadAll(readFileSync(join(folder, file), 'utf8')).map((object): [string, KubeObject] => [file, object as KubeObject]),
);
const applications = objects.filter(([, { kind }]) => kind === 'SparkApplication');
const servers = objects.filter(([, { kind }]) => kind === 'SparkConnect');
const schedules = objects.filter(([, { kind }]) => kind === 'ScheduledSparkApplication');

describe('deploy/samples/spark', () => {
  it('has samples for Spark, all of them in its README', () => {
    const readme = readFileSync(join(folder, '../README.md'), 'utf8');
    expect(applications.length).toBeGreaterThanOrEqual(3);
    expect(servers.length).toBeGreaterThanOrEqual(1);
    expect(schedules.length).toBeGreaterThanOrEqual(1);
    expect(files.filter((file) => !readme.includes(`(spark/${file})`))).toEqual([]);
  });

  it.each(applications)('%s is valid, and nothing in it is left aside', (_file, { metadata, spec }) => {
    const parsed = parseSparkApplicationSpec(spec);
    expect(parsed).toEqual({ ok: true, value: spec });
    if (!parsed.ok) return;
    expect(describeIssues(validateSpec(metadata, parsed.value))).toBe('');
    expect(notAppliedWarnings(parsed.value)).toEqual([]);
  });

  it.each(servers)('%s is a server that can be started', (_file, resource) => {
    expect(parseSparkConnectSpec(resource.spec)).toEqual({ ok: true, value: resource.spec });
    expect(describeIssues(validateConnect(resource, resource.spec as SparkConnectSpec))).toBe('');
    expect(connectWarnings(resource, resource.spec as SparkConnectSpec)).toEqual([]);
  });

  it.each(schedules)('%s is a schedule that can be acted on', (_file, { metadata, spec }) => {
    const parsed = parseScheduleSpec(spec);
    expect(parsed).toEqual({ ok: true, value: spec });
    if (!parsed.ok) return;
    expect(describeIssues(validateSchedule(metadata, parsed.value, DEFAULT_SCHEDULE_SETTINGS))).toBe('');
    expect(scheduleWarnings(parsed.value)).toEqual([]);
  });
});
