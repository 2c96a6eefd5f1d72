import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Writes the bill of materials of a bundle as CycloneDX 1.6 JSON: every package that is in it, why, its licence and the
 * text of that. `metafile` is a file with what esbuild tells of the bundle, `root` the folder it was made in. The same
 * bundle gives the same bytes: there is neither a time nor a random number in it.
 */
export async function writeSbom(metafile: string, file: string, root: string): Promise<void> {
  const tool = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-esbuild'));
  const cli = join(tool, '../bin/cyclonedx-esbuild-cli.js');
  const options = ['--build-working-dir', root, '--spec-version', '1.6', '--gather-license-texts'];
  const reproducible = ['--output-reproducible', '--no-validate', '--output-file', file];
  await promisify(execFile)(process.execPath, [cli, ...options, ...reproducible, metafile], { cwd: root });
}
