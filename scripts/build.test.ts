import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryRun } from '../e2e/lib/run.ts';
import { bundle } from './build.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-bundle-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('bundle', () => {
  it('makes one file that runs by itself, names the lines of the sources and is the same each time', async () => {
    const entry = join(folder, 'main.ts');
    await writeFile(join(folder, 'old.cjs'), "module.exports = require('node:os').EOL.length;\n");
    await writeFile(
      entry,
      "import length from './old.cjs';\n\nclass Sum {}\nthrow new Error(Sum.name + (length + 1));\n",
    );
    const made = await bundle({ entry, bundle: join(folder, 'out/weir.mjs') });
    const first = await readFile(made.bundle);
    const result = await tryRun(process.execPath, ['--enable-source-maps', made.bundle]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('Error: Sum2');
    expect(result.stderr).toContain('main.ts:4');
    await bundle({ entry, bundle: made.bundle });
    expect(await readFile(made.bundle)).toEqual(first);
    expect(await readFile(made.sourceMap, 'utf8')).not.toContain('sourcesContent');
  });

  it('says what is missing', async () => {
    await expect(bundle({ entry: join(folder, 'absent.ts') })).rejects.toThrow(/nothing to bundle.*absent\.ts/);
  });
});
