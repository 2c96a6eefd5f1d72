import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Children } from '../cluster/children.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { freePorts } from '../cluster/ports.ts';
import { programs } from '../cluster/programs.ts';
import { step } from '../lib/steps.ts';

/** An S3 service on this machine that pods of a local cluster can reach, with one bucket. */
export interface S3 {
  /** The bucket's name. */
  readonly bucket: string;
  /** What Flink's configuration needs to read and write the bucket. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Keys of all objects that begin with the prefix (whole folders, without a slash at the end), sorted. */
  keys(prefix: string): Promise<string[]>;
  /** Stores an object in the bucket; a key without folders. */
  put(key: string, content: Uint8Array): Promise<void>;
  /** Ends it and removes all it stored. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts versitygw on the host's end of the cluster's network, with credentials made for this run and an empty bucket.
 * It never outlives this process. Throws for a cluster that is not built from packages: no other can reach this machine
 * for sure.
 */
export async function startS3(cluster: Cluster, bucket = 'state'): Promise<S3> {
  if (cluster.kind !== 'node') throw new Error('the local S3 service needs a cluster built from packages');
  const { versitygw } = await programs(['versitygw']);
  return step('local S3 service', async () => {
    const children = new Children(await mkdtemp(join(tmpdir(), 'weir-s3-')));
    try {
      const folders = { objects: join(children.folder, 'objects'), metadata: join(children.folder, 'metadata') };
      await mkdir(join(folders.objects, bucket), { recursive: true });
      await mkdir(folders.metadata);
      const [port = 0] = await freePorts(1);
      const address = `${cluster.addresses.hostIp}:${port}`;
      const [access, secret] = [randomBytes(10).toString('hex'), randomBytes(20).toString('hex')];
      const args = [
        ...['--port', address, '--access', access, '--secret', secret, '--health', '/health', '--quiet'],
        ...['posix', '--sidecar', folders.metadata, folders.objects],
      ];
      await children.start('versitygw', versitygw, args, { url: `http://${address}/health` });
      return {
        bucket,
        configuration: {
          's3.endpoint': `http://${address}`,
          's3.path.style.access': 'true',
          's3.access-key': access,
          's3.secret-key': secret,
        },
        keys: (prefix) => keysBelow(join(folders.objects, bucket), prefix),
        put: (key, content) => writeFile(join(folders.objects, bucket, key), content),
        stop: () => children.stop(),
      };
    } catch (error) {
      await children.stop();
      throw error;
    }
  });
}

/** Every object is a file of its key's name in the bucket's folder. */
async function keysBelow(folder: string, prefix: string): Promise<string[]> {
  const found = await readdir(join(folder, prefix), { withFileTypes: true, recursive: true }).catch(() => []); // no such key
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
