import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { moduleFolder, programs } from '../cluster/programs.ts';
import { step } from '../lib/steps.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const release = 'spark-operator';
const namespace = 'spark-operator';

/** The Kubeflow Spark Operator as its own chart installs it, webhooks included. */
export interface SparkOperator {
  /** What its controller has written so far. */
  log(): Promise<string>;
  /** Removes its release and returns when no pod of it is left; its CRDs stay. */
  uninstall(): Promise<void>;
}

/**
 * Installs release 2.5.1 of that operator for one namespace, its CRDs in the place of those there are. The program is built from
 * its Go module and runs in an image of Spark, which has the spark-submit it calls. Only in a cluster built from packages,
 * whose node is this machine.
 */
export async function installSparkOperator(stage: Stage, watched: string): Promise<SparkOperator> {
  if (stage.cluster.kind !== 'node') throw new Error('the old operator needs a cluster built from packages');
  const { 'spark-operator': program } = await programs(['spark-operator']);
  const module = await moduleFolder('spark-operator', 'github.com/kubeflow/spark-operator/v2');
  const chart = join(module, 'charts/spark-operator-chart');
  const folder = await mkdtemp(join(tmpdir(), 'weir-old-'));
  const uninstall = async (): Promise<void> => {
    await stage.run('helm', ['uninstall', release, '-n', namespace, '--ignore-not-found', '--wait']);
    await until('the pods of the old operator to be gone', async () => {
      const pods = await stage.kube.list('pods', namespace);
      return pods.length === 0 ? { done: true } : { not: pods.map(({ metadata }) => metadata.name).join(', ') };
    });
    await stage.kube.delete({ plural: 'namespaces', name: namespace });
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await step('install the Kubeflow Spark Operator by helm', async () => {
      await programsIn(folder, program);
      await stage.run('kubectl', ['replace', '-f', join(chart, 'crds')]);
      const values = JSON.stringify(valuesOf(stage.image('spark-3.5.9'), { folder, watched }));
      const where = ['-n', namespace, '--create-namespace', '--skip-crds'];
      await stage.run(
        'helm',
        ['upgrade', '--install', release, chart, ...where, '--wait', '--timeout', '4m', '-f', '-'],
        values,
      );
    });
  } catch (error) {
    await uninstall();
    throw error;
  }
  const log = ['-n', namespace, 'logs', `deployment/${release}-controller`, '--tail=-1'];
  return { log: () => stage.run('kubectl', log), uninstall };
}

/** The program under the names by which an image of Spark starts it, since the arguments of the chart are for another entrypoint. */
async function programsIn(folder: string, program: string): Promise<void> {
  await chmod(folder, 0o755);
  const file = join(folder, 'spark-operator');
  await copyFile(program, file);
  await chmod(file, 0o755);
  for (const part of ['controller', 'webhook']) {
    const script = join(folder, part);
    await writeFile(script, `#!/bin/sh\nexec ${mounted}/spark-operator ${part} "$@"\n`);
    await chmod(script, 0o755);
  }
}

/** A folder of PATH that is empty in the image. */
const mounted = '/usr/local/sbin';

function valuesOf(reference: string, { folder, watched }: { folder: string; watched: string }): object {
  const [, registry = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference) ?? [];
  const program = { name: 'program', hostPath: { path: folder, type: 'Directory' } };
  const mount = { name: 'program', mountPath: mounted, readOnly: true };
  const part = (name: string, path: string): object => ({
    volumes: [{ name, emptyDir: {} }, program],
    volumeMounts: [{ name, mountPath: path }, mount],
  });
  return {
    image: { registry, repository, tag },
    controller: part('tmp', '/tmp'),
    webhook: part('serving-certs', '/etc/k8s-webhook-server/serving-certs'),
    spark: { jobNamespaces: [watched], serviceAccount: { create: false, name: 'spark' }, rbac: { create: false } },
  };
}
