import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureCommands } from '../lib/debian.ts';
import { run } from '../lib/run.ts';

/** The folders of the Java sources of what the tests run. */
export const jobSources = {
  flink: fileURLToPath(new URL('jobs/flink', import.meta.url)),
  spark: fileURLToPath(new URL('jobs/spark', import.meta.url)),
} as const;

/**
 * Compiles an engine's test jobs for Java 17 against the jars and returns the path of weir-jobs.jar in `scratch`. The same
 * sources and jars give the same bytes. Installs a Java compiler where there is none.
 */
export async function compileJobs(
  engine: keyof typeof jobSources,
  classPath: readonly string[],
  scratch: string,
): Promise<string> {
  await ensureCommands({ javac: 'openjdk-17-jdk-headless', jar: 'openjdk-17-jdk-headless' }, 'compiling the test jobs');
  const classes = join(scratch, 'classes');
  await mkdir(classes, { recursive: true });
  const folder = jobSources[engine];
  const paths = (await filesBelow(folder)).filter((file) => file.endsWith('.java')).map((file) => join(folder, file));
  await run('javac', ['--release', '17', '-Werror', '-cp', classPath.join(':'), '-d', classes, ...paths]);
  const jar = join(scratch, 'weir-jobs.jar');
  const compiled = (await filesBelow(classes)).flatMap((file) => ['-C', classes, file]);
  await run('jar', ['--create', '--file', jar, '--no-manifest', '--date=1980-01-01T00:00:02Z', ...compiled]);
  return jar;
}

/** Every file below the folder, as sorted relative paths. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
