import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { describeIssues } from '../core/issue.ts';
import type { KubeObject } from '../kube/object.ts';
import { parseFlinkDeployment } from './schema.ts';
import { parseSessionJobSpec } from './session-job/schema.ts';
import { validateSessionJob } from './session-job/validate.ts';
import { deprecations, validateSpec } from './validate.ts';

const folder = join(import.meta.dirname, '../../deploy/samples');
const files = readdirSync(folder).filter((file) => file.startsWith('flink-') && file.endsWith('.yaml'));

describe('deploy/samples', () => {
  it('has samples, all of them in its README', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(files.length).toBeGreaterThanOrEqual(5);
    expect(files.filter((file) => !readme.includes(`(${file})`))).toEqual([]);
  });

  it.each(files)('%s is valid and up to date', (file) => {
    for (const document of loadAll(readFileSync(join(folder, file), 'utf8'))) {
      const object = document as KubeObject;
      if (object.kind === 'FlinkSessionJob') {
        const job = parseSessionJobSpec(object.spec);
        expect(job).toEqual({ ok: true, value: object.spec });
        const rules = { allowedSchemes: ['https'], restrictedHosts: 'refused' } as const;
        if (job.ok) expect(describeIssues(validateSessionJob(job.value, rules))).toBe('');
        continue;
      }
      const parsed = parseFlinkDeployment(object);
      expect(parsed.ok ? '' : describeIssues(parsed.error)).toBe('');
      if (!parsed.ok) continue;
      expect(parsed.value).toEqual(object);
      expect(describeIssues(validateSpec(object.metadata.name, parsed.value.spec))).toBe('');
      expect(deprecations(parsed.value.spec)).toEqual([]);
    }
  });
});
