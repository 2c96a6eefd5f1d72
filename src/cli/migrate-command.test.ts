import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './program.ts';

describe('weir migrate values', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-migrate-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs the command on a file of this text; the file's name is taken out of what it says. */
  async function migrate(text: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const file = join(folder, 'old.yaml');
    writeFileSync(file, text);
    const said = { out: '', err: '' };
    const io = {
      out: (more: string) => {
        said.out += more;
      },
      err: (more: string) => {
        said.err += more.replaceAll(file, 'old.yaml');
      },
      color: false,
    };
    return { code: await runCli(['migrate', 'values', '-f', file, ...args], io), ...said };
  }

  it('prints the values, and on standard error what it leaves out', async () => {
    const { code, out, err } = await migrate('watchNamespaces: [shop]\nmetrics: {port: 9999}\n', '--from', 'flink');
    expect(load(out)).toMatchObject({ watchNamespaces: ['shop'] });
    expect(err).toMatch(/^left out metrics/);
    expect(code).toBe(0);
  });

  it('takes an empty file for values that say nothing', async () => {
    expect((await migrate('# nothing\n', '--from', 'spark')).code).toBe(0);
  });

  it.each([
    ['a: [b\n', 3, 'error: old.yaml line 2: cannot be read, it must be YAML or JSON (deficient indentation)\n'],
    ['a: 1\n---\nb: 2\n', 3, 'error: old.yaml: holds several documents, it must hold one\n'],
    ['- a\n', 3, 'error: old.yaml: is no map of values\n'],
    ['apiVersion: v1\nkind: Secret\n', 3, 'error: old.yaml: is a manifest of kind Secret, it must be a values file\n'],
    ['', 2, 'error: --from: is missing, it must say flink or spark: the values fit either chart\n'],
  ])('says in one line what is wrong with %j', async (text, code, err) => {
    expect(await migrate(text)).toEqual({ code, out: '', err });
  });

  it('ends like every command where an option is missing or unknown', async () => {
    expect(await migrate('', '--form', 'flink')).toMatchObject({ code: 2, err: expect.stringContaining("'--form'") });
  });
});
