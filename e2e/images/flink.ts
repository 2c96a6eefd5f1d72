import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Layer } from './archive.ts';
import type { BaseLayer } from './base.ts';
import { baseKey, baseLayer, javaBase, javaEnvironment } from './base.ts';
import { mavenJar, pythonSources, pythonWheel } from './downloads.ts';
import { fileIn, filesIn, foldersIn, type Home, systemFiles } from './home.ts';
import type { ImageArchive } from './image.ts';
import { image } from './image.ts';
import { compileJobs, jobSources } from './jobs.ts';

/** The versions of Flink that there is an image of: the newest of each major line. */
export type FlinkVersion = '2.3.0' | '1.20.5';

/** Where the parts come from that PyPI has not; Maven need not have the very patch release. */
const mavenVersion: Readonly<Record<FlinkVersion, string>> = { '2.3.0': '2.3.0', '1.20.5': '1.20.0' };

const home: Home = {
  folder: 'opt/flink',
  user: 'flink',
  owner: { uid: 9999, gid: 9999 },
  isScript: (path) => path.endsWith('.sh') || path === 'bin/flink',
};
const entrypoint = fileURLToPath(new URL('flink/docker-entrypoint.sh', import.meta.url));

/** Left out to keep the image small: SQL and the Scala that its planner needs, Python, YARN, ZooKeeper, Windows. */
const unneeded = [
  /^lib\/flink-(table-|scala_)/,
  /^bin\/(pyflink-|sql-|yarn-|zookeeper|(start|stop)-zookeeper|.*\.bat$)/,
  /^conf\/(logback|zoo\.cfg)/,
];

/** Whether a file of the Flink distribution (its path below the home of Flink) goes into the image. */
export function belongsInImage(path: string): boolean {
  return !unneeded.some((pattern) => pattern.test(path));
}

/**
 * Apache Flink with Java 17, laid out as the official image: /docker-entrypoint.sh, /opt/flink, user flink (9999). It
 * brings the S3 plugin, the streaming examples and the test jobs (examples/weir/weir-jobs.jar).
 */
export async function flinkImage(version: FlinkVersion): Promise<ImageArchive> {
  const parts = [version, mavenVersion[version], await baseKey(javaBase), ...unneeded.map(String)];
  return image({
    repository: 'flink',
    tag: version,
    sources: [{ text: parts.join(' ') }, { path: entrypoint }, { path: jobSources.flink }],
    start: {
      entrypoint: ['/docker-entrypoint.sh'],
      command: ['help'],
      environment: {
        PATH: '/opt/flink/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ...javaEnvironment,
        FLINK_HOME: '/opt/flink',
      },
      folder: '/opt/flink',
    },
    layers: async (scratch, note) => {
      note('base');
      const base = await baseLayer(javaBase, note);
      return [{ tar: base.tar }, await flinkLayer(version, base, scratch, note)];
    },
  });
}

async function flinkLayer(
  version: FlinkVersion,
  base: BaseLayer,
  scratch: string,
  note: (text: string) => void,
): Promise<Layer> {
  note('downloading Flink (PyPI)');
  const libraries = await pythonSources('apache-flink-libraries', version);
  const scripts = join(await pythonWheel('apache-flink', version), 'pyflink');
  note('downloading the S3 plugin and the examples (Maven)');
  const s3 = await mavenJar('org.apache.flink', 'flink-s3-fs-presto', mavenVersion[version]);
  const examples = await mavenJar('org.apache.flink', 'flink-examples-streaming', mavenVersion[version]);
  note('compiling the test jobs');
  const jobs = await compileJobs('flink', [join(libraries, 'deps/lib', `flink-dist-${version}.jar`)], scratch);
  const entries = [
    { path: 'docker-entrypoint.sh', type: 'file', mode: 0o755, content: await readFile(entrypoint) } as const,
    ...(await systemFiles(home, base)),
    ...(await filesIn(home, join(libraries, 'deps'), ['lib', 'plugins'], belongsInImage)),
    ...(await filesIn(home, scripts, ['bin', 'conf'], belongsInImage)),
    fileIn(home, 'bin/bash-java-utils.jar', join(libraries, 'deps/bin/bash-java-utils.jar')),
    fileIn(home, 'LICENSE', join(libraries, 'LICENSE')),
    fileIn(home, 'NOTICE', join(libraries, 'NOTICE')),
    fileIn(home, 'plugins/s3-fs-presto/flink-s3-fs-presto.jar', s3),
    fileIn(home, 'examples/streaming/StateMachineExample.jar', examples),
    fileIn(home, 'examples/weir/weir-jobs.jar', jobs),
  ];
  return { entries: [...foldersIn(home, entries, ['log', 'opt', 'usrlib']), ...entries] };
}
