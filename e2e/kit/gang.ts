import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children } from '../cluster/children.ts';
import { freePorts } from '../cluster/ports.ts';
import { moduleFolder, programs } from '../cluster/programs.ts';
import { step } from '../lib/steps.ts';
import type { Stage } from './stage.ts';

/** A scheduler beside the cluster's own that knows the PodGroups of scheduler-plugins. */
export interface GangScheduler {
  /** schedulerName of the pods it takes. */
  readonly name: string;
  /** Ends it and removes the CRD, PodGroups included. May be called twice. */
  stop(): Promise<void>;
}

const PODGROUPS = 'podgroups.scheduling.x-k8s.io';

/** Puts the CRD of scheduler-plugins into the cluster and starts its scheduler on this machine. It never outlives this process. */
export async function startGangScheduler({ cluster, run }: Stage): Promise<GangScheduler> {
  const { 'gang-scheduler': program } = await programs(['gang-scheduler']);
  return step('scheduler with coscheduling', async () => {
    const module = await moduleFolder('gang-scheduler', 'sigs.k8s.io/scheduler-plugins');
    const children = new Children(await mkdtemp(join(tmpdir(), 'weir-gang-')));
    const stop = async (): Promise<void> => {
      await children.stop();
      await run('kubectl', ['delete', 'crd', PODGROUPS, '--ignore-not-found']);
    };
    try {
      await run('kubectl', ['apply', '--server-side', '-f', join(module, 'manifests/coscheduling/crd.yaml')]);
      await run('kubectl', ['wait', 'crd', PODGROUPS, '--for=condition=Established', '--timeout=60s']);
      const name = 'gang';
      const config = join(children.folder, 'config.json');
      await writeFile(config, JSON.stringify(configuration(name, cluster.kubeconfig)));
      const [port = 0] = await freePorts(1);
      const args = ['--config', config, '--bind-address', '127.0.0.1', '--secure-port', String(port)];
      await children.start('gang-scheduler', program, args, { url: `https://127.0.0.1:${port}/readyz` });
      return { name, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  });
}

function configuration(schedulerName: string, kubeconfig: string): object {
  return {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    leaderElection: { leaderElect: false },
    clientConnection: { kubeconfig },
    profiles: [
      {
        schedulerName,
        plugins: {
          multiPoint: { enabled: [{ name: 'Coscheduling' }] },
          // Only one plugin may put pods in order.
          queueSort: { enabled: [{ name: 'Coscheduling' }], disabled: [{ name: '*' }] },
        },
      },
    ],
  };
}
