import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, it } from 'vitest';
import { VERSION } from './version.ts';

const root = join(import.meta.dirname, '..', '..');

it('is the same in package.json and the chart', () => {
  const chart = load(readFileSync(join(root, 'charts/weir/Chart.yaml'), 'utf8'));
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({ version: VERSION });
  expect(chart).toMatchObject({ version: VERSION, appVersion: VERSION });
});
