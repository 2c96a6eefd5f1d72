import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Layer } from './archive.ts';
import type { BaseLayer } from './base.ts';
import { baseKey, baseLayer, javaBase, javaEnvironment } from './base.ts';
import { pythonSources } from './downloads.ts';
import { fileIn, filesIn, foldersIn, type Home, systemFiles } from './home.ts';
import type { ImageArchive } from './image.ts';
import { image } from './image.ts';
import { compileJobs, filesBelow, jobSources } from './jobs.ts';

/** The versions of Spark that there is an image of: the newest, and the newest of the older major line. */
export type SparkVersion = '4.3.0' | '3.5.9';

const home: Home = {
  folder: 'opt/spark',
  user: 'spark',
  owner: { uid: 185, gid: 185 },
  isScript: (path) => /^(bin|sbin)\//.test(path),
};
const scripts = fileURLToPath(new URL('spark', import.meta.url));

/** Left out to keep the image small: Hive, machine learning, graphs, shells, other cluster managers, Windows. */
const unneeded = [
  /^jars\/(spark-)?(hive|mllib|graphx|mesos|yarn|repl|pipelines)[-_.]/,
  /^jars\/(connect-repl\/(?!spark-connect-client-jvm)|breeze|spire|arpack|lapack|cats-|algebra|JTransforms|datanucleus|derby|rocksdbjni|scala-compiler)/,
  /^jars\/(netty-tcnative-.*|netty-transport-native-.*)-(osx|windows)-/,
  /^bin\/(.*\.cmd|pyspark|beeline|docker-image-tool\.sh|sparkR|spark-sql|spark-shell|spark-pipelines|spark-connect-shell)$/,
];

/** Whether a file of the Spark distribution (its path below the home of Spark) goes into the image. */
export function belongsInSparkImage(path: string): boolean {
  return !unneeded.some((pattern) => pattern.test(path));
}

/**
 * Apache Spark with Java 17 and Python 3, laid out as the official image: /opt/entrypoint.sh, /opt/spark, user spark (185).
 * It brings the Python examples and the test applications (examples/weir/weir-jobs.jar), without Hive and machine learning.
 */
export async function sparkImage(version: SparkVersion): Promise<ImageArchive> {
  const parts = [version, await baseKey(javaBase), ...unneeded.map(String)];
  return image({
    repository: 'spark',
    tag: version,
    sources: [{ text: parts.join(' ') }, { path: scripts }, { path: jobSources.spark }],
    start: {
      entrypoint: ['/opt/entrypoint.sh'],
      command: ['help'],
      environment: {
        PATH: '/opt/spark/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ...javaEnvironment,
        SPARK_HOME: '/opt/spark',
      },
      user: `${home.owner.uid}`,
      folder: '/opt/spark/work-dir',
    },
    layers: async (scratch, note) => {
      note('base');
      const base = await baseLayer(javaBase, note);
      return [{ tar: base.tar }, await sparkLayer(version, base, scratch, note)];
    },
  });
}

async function sparkLayer(
  version: SparkVersion,
  base: BaseLayer,
  scratch: string,
  note: (text: string) => void,
): Promise<Layer> {
  note('downloading Spark (PyPI)');
  const sources = await pythonSources('pyspark', version);
  note('compiling the test applications');
  const jobs = await compileJobs('spark', [join(sources, 'deps/jars/*')], scratch);
  const entries = [
    ...(await systemFiles(home, base)),
    ...(await startScripts()),
    ...(await filesIn(home, join(sources, 'deps'), ['bin', 'sbin', 'jars'], belongsInSparkImage)),
    ...(await filesBelow(join(sources, 'lib'))).map((path) =>
      fileIn(home, `python/lib/${path}`, join(sources, 'lib', path)),
    ),
    // Where the official image has it.
    fileIn(home, 'examples/src/main/python/pi.py', join(sources, 'deps/examples/pi.py')),
    fileIn(home, 'examples/weir/weir-jobs.jar', jobs),
  ];
  return { entries: [...foldersIn(home, entries, ['work-dir']), ...entries] };
}

async function startScripts() {
  const script = async (name: string) =>
    ({ path: `opt/${name}`, type: 'file', mode: 0o755, content: await readFile(join(scripts, name)) }) as const;
  return [await script('entrypoint.sh'), await script('decom.sh')];
}
