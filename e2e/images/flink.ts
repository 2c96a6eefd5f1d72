import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Layer } from './archive.ts';
import { architecture } from './archive.ts';
import type { BaseLayer } from './base.ts';
import { baseKey, baseLayer, javaBase, readFromBase } from './base.ts';
import { mavenJar, pythonSources, pythonWheel } from './downloads.ts';
import type { ImageArchive } from './image.ts';
import { image } from './image.ts';
import { compileJobs, filesBelow, jobSources } from './jobs.ts';
import type { TarEntry } from './tar.ts';

/** The versions of Flink that there is an image of: the newest of each major line. */
export type FlinkVersion = '2.3.0' | '1.20.5';

/** Where the parts come from that PyPI has not; Maven need not have the very patch release. */
const mavenVersion: Readonly<Record<FlinkVersion, string>> = { '2.3.0': '2.3.0', '1.20.5': '1.20.0' };

const home = 'opt/flink';
const flinkUser = { uid: 9999, gid: 9999 };
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
    sources: [{ text: parts.join(' ') }, { path: entrypoint }, { path: jobSources }],
    start: {
      entrypoint: ['/docker-entrypoint.sh'],
      command: ['help'],
      environment: {
        PATH: '/opt/flink/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        JAVA_HOME: '/opt/java/openjdk',
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
  const jobs = await compileJobs([join(libraries, 'deps/lib', `flink-dist-${version}.jar`)], scratch);
  const entries = [
    ...(await system(base)),
    ...(await distribution(join(libraries, 'deps'), ['lib', 'plugins'])),
    ...(await distribution(scripts, ['bin', 'conf'])),
    file('bin/bash-java-utils.jar', join(libraries, 'deps/bin/bash-java-utils.jar')),
    file('LICENSE', join(libraries, 'LICENSE')),
    file('NOTICE', join(libraries, 'NOTICE')),
    file('plugins/s3-fs-presto/flink-s3-fs-presto.jar', s3),
    file('examples/streaming/StateMachineExample.jar', examples),
    file('examples/weir/weir-jobs.jar', jobs),
  ];
  const folders = foldersOf(
    entries.map((entry) => entry.path),
    ['log', 'opt', 'usrlib'],
  );
  return { entries: [...folders, ...entries] };
}

/** What the image has outside the home of Flink: the entrypoint, the user, and Java under a path without the architecture. */
async function system(base: BaseLayer): Promise<TarEntry[]> {
  const passwd = await readFromBase(base, 'etc/passwd');
  const group = await readFromBase(base, 'etc/group');
  return [
    { path: 'docker-entrypoint.sh', type: 'file', mode: 0o755, content: await readFile(entrypoint) },
    { path: 'etc/group', type: 'file', content: `${group}flink:x:${flinkUser.gid}:\n` },
    {
      path: 'etc/passwd',
      type: 'file',
      content: `${passwd}flink:x:${flinkUser.uid}:${flinkUser.gid}::/opt/flink:/bin/bash\n`,
    },
    { path: 'opt/java', type: 'folder' },
    { path: 'opt/java/openjdk', type: 'link', target: `/usr/lib/jvm/java-17-openjdk-${architecture()}` },
  ];
}

/** The entries for the named folders of a part of the distribution. */
async function distribution(from: string, folders: readonly string[]): Promise<TarEntry[]> {
  const found: TarEntry[] = [];
  for (const folder of folders) {
    const paths = (await filesBelow(join(from, folder))).map((path) => `${folder}/${path}`);
    found.push(...paths.filter(belongsInImage).map((path) => file(path, join(from, path))));
  }
  return found;
}

/** A file of the home of Flink; scripts, and nothing else, can be run. */
function file(path: string, from: string): TarEntry {
  const script = path.endsWith('.sh') || path === 'bin/flink';
  return { path: `${home}/${path}`, type: 'file', mode: script ? 0o755 : 0o644, owner: flinkUser, content: { from } };
}

/** The folders that the files of the home of Flink are in, and empty ones, parents first, all owned by the user flink. */
function foldersOf(paths: readonly string[], empty: readonly string[]): TarEntry[] {
  const names = new Set(empty.map((folder) => `${home}/${folder}`));
  for (const path of paths.filter((path) => path.startsWith(`${home}/`))) {
    const parts = path.split('/');
    for (let depth = 2; depth < parts.length; depth++) names.add(parts.slice(0, depth).join('/'));
  }
  return [...names].sort().map((path) => ({ path, type: 'folder', owner: flinkUser }));
}
