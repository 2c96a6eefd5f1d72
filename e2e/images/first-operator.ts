import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../scripts/build.ts';
import { run } from '../lib/run.ts';
import { step } from '../lib/steps.ts';
import type { ImageArchive } from './image.ts';
import { imageOf } from './operator.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** An operator of the past as it could have been installed then. */
export interface PastOperator {
  readonly commit: string;
  /** Folders with its chart and its CRDs. */
  readonly chart: string;
  readonly crds: string;
  readonly image: ImageArchive;
}

/** The first operator of this repository's history that runs, from its own sources. Throws where the history is cut off. */
export async function firstOperator(): Promise<PastOperator> {
  const commit = await firstCommit();
  // Below the checkout, so that its dependencies are found there.
  const folder = join(root, 'dist/first-operator');
  const built = await step(`bundle the operator of ${commit.slice(0, 7)}`, async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const archive = join(folder, 'tree.tar');
    await run('git', ['archive', '--output', archive, commit, 'src', 'charts', 'crds', 'package.json'], { cwd: root });
    await run('tar', ['-x', '-f', archive, '-C', folder]);
    return bundle({ entry: join(folder, 'src/main.ts'), bundle: join(folder, 'weir.mjs') });
  });
  const image = await imageOf('weir-first', [built.bundle, built.sourceMap]);
  return { commit, chart: join(folder, 'charts/weir'), crds: join(folder, 'crds'), image };
}

/** The one that brought the page of the command line, generated together with the rules of the chart's roles: the ones before lack those. */
async function firstCommit(): Promise<string> {
  const found = await run('git', ['log', '--diff-filter=A', '--format=%H', '--', 'docs/reference/cli.md'], {
    cwd: root,
  });
  const commit = found.trim().split('\n').at(-1) ?? '';
  if (commit === '') throw new Error('the history does not reach back to the first operator: git fetch --unshallow');
  return commit;
}
