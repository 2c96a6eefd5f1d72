import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonSources } from '../images/downloads.ts';
import type { SparkVersion } from '../images/images.ts';
import { ensureCommands } from '../lib/debian.ts';
import { run } from '../lib/run.ts';

/** One submission by Spark's own program. */
export interface SparkSubmit {
  /** Of the API server; plain HTTP is taken too. */
  readonly url: string;
  readonly version: SparkVersion;
  readonly namespace: string;
  /** Of the application; its driver pod is `<name>-driver`. */
  readonly name: string;
  /** Options, main file and arguments, one word each. */
  readonly args: readonly string[];
}

/** Runs spark-submit in cluster mode, with an empty conf folder, and returns when the driver pod is made. */
export async function sparkSubmit({ url, version, namespace, name, args }: SparkSubmit): Promise<void> {
  await ensureCommands({ java: 'openjdk-17-jre-headless' }, 'running spark-submit');
  const home = join(await pythonSources('pyspark', version), 'deps');
  const scratch = await mkdtemp(join(tmpdir(), 'weir-submit-'));
  try {
    const common = {
      'spark.kubernetes.namespace': namespace,
      'spark.kubernetes.driver.pod.name': `${name}-driver`,
      'spark.kubernetes.submission.waitAppCompletion': 'false',
    };
    const conf = Object.entries(common).flatMap(([key, value]) => ['--conf', `${key}=${value}`]);
    const where = ['--master', `k8s://${url}`, '--deploy-mode', 'cluster', '--name', name];
    await mkdir(join(scratch, 'conf'));
    await run('bash', [join(home, 'bin/spark-submit'), ...where, ...conf, ...args], {
      cwd: scratch,
      env: { SPARK_HOME: home, SPARK_CONF_DIR: join(scratch, 'conf'), SPARK_USER: 'spark' },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
