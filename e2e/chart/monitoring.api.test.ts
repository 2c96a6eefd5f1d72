import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programs } from '../cluster/programs.ts';
import { tryRun } from '../lib/run.ts';
import { type Helm, openHelm } from './helm.ts';

const METRICS = { dashboards: { enabled: true }, prometheusRule: { enabled: true } };

describe('what the chart brings for Grafana and Prometheus', () => {
  let helm: Helm;
  let program: string;
  let folder: string;
  let dashboards: readonly (readonly [name: string, text: string])[];
  let rules: string;

  /** What the program finds wrong with a file, a line each. */
  async function problems(kind: 'dashboard' | 'rules', text: string): Promise<readonly string[]> {
    const file = join(folder, kind);
    await writeFile(file, text);
    const { code, stdout, stderr } = await tryRun(program, [kind, file]);
    if (code > 1) throw new Error(stderr);
    return stdout.split('\n').filter((line) => line !== '');
  }

  beforeAll(async () => {
    helm = await openHelm();
    program = (await programs(['monitoring-check']))['monitoring-check'];
    folder = await mkdtemp(join(tmpdir(), 'weir-monitoring-'));
    const objects = await helm.render({ metrics: METRICS });
    dashboards = objects
      .filter(({ metadata }) => metadata.name.includes('-dashboard-'))
      .flatMap(({ data }) => Object.entries(data as Record<string, string>));
    rules = JSON.stringify(objects.find(({ kind }) => kind === 'PrometheusRule')?.spec);
  }, 900_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are dashboards by the schema of Grafana', async () => {
    expect(dashboards.map(([name]) => name)).toEqual(['weir-flink.json', 'weir-operator.json', 'weir-spark.json']);
    for (const [name, text] of dashboards) expect([name, ...(await problems('dashboard', text))]).toEqual([name]);
  });

  it('are rules that Prometheus reads', async () => {
    expect(JSON.parse(rules).groups[0].rules.length).toBeGreaterThan(10);
    expect(await problems('rules', rules)).toEqual([]);
  });

  it('would not be, were they written wrongly', async () => {
    const text = await readFile(join(import.meta.dirname, '../../charts/weir/files/dashboards/flink.json'), 'utf8');
    const { panels } = JSON.parse(text) as { panels: object[] };
    const wrong = JSON.stringify({
      ...JSON.parse(text),
      panels: [...panels, { type: 'stat', tittle: 'a', options: {} }],
    });
    expect((await problems('dashboard', wrong)).join()).toContain('tittle');
    const unclosed = await problems('rules', rules.replace('absent(', 'absent(('));
    expect(unclosed.join()).toContain('parse error');
    const misspelt = await problems('rules', rules.replace('{{ $labels.', '{{ $label.'));
    expect(misspelt.join()).toContain('undefined variable');
  });
});
