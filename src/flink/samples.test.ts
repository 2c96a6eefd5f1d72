import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { describeIssues } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import { parseFlinkDeployment } from './schema.ts';
import { parseSessionJobSpec } from './session-job/schema.ts';
import { validateSessionJob } from './session-job/validate.ts';
import { parseSnapshotSpec } from './snapshot/schema.ts';
import { validateSnapshot } from './snapshot/validate.ts';
import { deprecations, validateSpec } from './validate.ts';

const folder = join(import.meta.dirname, '../../deploy/samples/flink');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

describe('deploy/samples/flink', () => {
  it('has samples, all of them in its README', () => {
    const readme = readFileSync(join(folder, '../README.md'), 'utf8');
    expect(files.length).toBeGreaterThanOrEqual(5);
    expect(files.filter((file) => !readme.includes(`(flink/${file})`))).toEqual([]);
  });

  const objects = files.flatMap((file) =>
    loadAll(readFileSync(join(folder, file), 'utf8')).map((object): [string, KubeObject] => [
      file,
      object as KubeObject,
    ]),
  );
  const ofKind = (kind: string): [string, KubeObject][] => objects.filter(([, object]) => object.kind === kind);

  it.each(ofKind('FlinkDeployment'))('%s is valid and up to date', (_file, object) => {
    const parsed = parseFlinkDeployment(object);
    expect(parsed).toEqual({ ok: true, value: object });
    if (!parsed.ok) return;
    expect(describeIssues(validateSpec(object.metadata.name, parsed.value.spec))).toBe('');
    expect(deprecations(parsed.value.spec)).toEqual([]);
  });

  it.each(ofKind('FlinkSessionJob'))('%s has jobs that can be submitted', (_file, { spec }) => {
    const job = parseSessionJobSpec(spec);
    expect(job).toEqual({ ok: true, value: spec });
    const rules = { allowedSchemes: ['https'], restrictedHosts: 'refused', s3Prefixes: undefined } as const;
    if (job.ok) expect(describeIssues(validateSessionJob(job.value, rules))).toBe('');
  });

  it.each(ofKind('FlinkStateSnapshot'))('%s has snapshots that can be taken', (_file, { spec }) => {
    const snapshot = parseSnapshotSpec(spec);
    expect(snapshot).toEqual({ ok: true, value: spec });
    if (snapshot.ok) expect(describeIssues(validateSnapshot(snapshot.value))).toBe('');
  });
});
