import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from '../lib/cache.ts';
import { ensureCommands, ensureDebianPackages } from '../lib/debian.ts';
import { run, tryRun } from '../lib/run.ts';

const why = 'building container images';

/** The unpacked source distribution of a Python package: `folder/deps`, `folder/setup.py` … as the package has them. */
export async function pythonSources(name: string, version: string): Promise<string> {
  const { path } = await cachedFolder('downloads', `${name}-${version}-sdist`, async (folder) => {
    const file = await pipDownload(folder, `${name}==${version}`, ['--no-binary', ':all:']);
    await run('tar', ['-xzf', file, '-C', folder, '--strip-components=1', '--no-same-owner']);
    await rm(file);
  });
  return path;
}

/**
 * The unpacked wheel of a Python package, for files in it that are the same on every platform: whatever Python this
 * machine has, the wheel for CPython 3.11 on x86-64 is taken.
 */
export async function pythonWheel(name: string, version: string): Promise<string> {
  const { path } = await cachedFolder('downloads', `${name}-${version}-wheel`, async (folder) => {
    const platforms = ['manylinux2014_x86_64', 'manylinux1_x86_64'].flatMap((platform) => ['--platform', platform]);
    const only = ['--only-binary', ':all:', '--python-version', '3.11', ...platforms];
    const file = await pipDownload(folder, `${name}==${version}`, only);
    await run('python3', ['-m', 'zipfile', '-e', file, folder]);
    await rm(file);
  });
  return path;
}

/** The path of one jar of a Maven repository, without what it depends on. */
export async function mavenJar(group: string, artifact: string, version: string): Promise<string> {
  const { path } = await cachedFolder('downloads', `${artifact}-${version}-jar`, async (folder) => {
    await ensureCommands({ mvn: 'maven' }, why);
    const coordinates = `-Dartifact=${group}:${artifact}:${version}`;
    await run('mvn', ['-q', '-B', '-U', 'dependency:copy', coordinates, `-DoutputDirectory=${folder}`], {
      cwd: folder,
    });
  });
  return join(path, `${artifact}-${version}.jar`);
}

/** Downloads one distribution into the folder and returns its path. */
async function pipDownload(folder: string, requirement: string, options: readonly string[]): Promise<string> {
  const pip = await tryRun('python3', ['-m', 'pip', '--version']).catch(() => undefined);
  if (pip?.code !== 0) await ensureDebianPackages(['python3-pip'], why);
  const quiet = ['--quiet', '--no-cache-dir', '--disable-pip-version-check'];
  await run('python3', ['-m', 'pip', 'download', ...quiet, '--no-deps', '--dest', folder, ...options, requirement]);
  const [file, ...others] = await readdir(folder);
  if (file === undefined || others.length > 0) throw new Error(`pip brought not one file for ${requirement}`);
  return join(folder, file);
}
