import { join } from 'node:path';
import { importImage } from '../cluster/cluster.ts';
import { kueueImage } from '../images/kueue.ts';
import { step } from '../lib/steps.ts';
import { imageSettings } from './operator.ts';
import type { Stage } from './stage.ts';

const release = 'kueue';
const namespace = 'kueue-system';

/** Kueue as its own chart installs it, webhooks included, for SparkApplications alone. */
export interface Kueue {
  /** Removes its queues, then it and its CRDs. The applications in them must have been deleted. */
  uninstall(): Promise<void>;
}

/** Kueue's configuration. SparkApplications are known to it since 0.17, behind a feature gate. */
const configuration = {
  apiVersion: 'config.kueue.x-k8s.io/v1beta2',
  kind: 'Configuration',
  health: { healthProbeBindAddress: ':8081' },
  metrics: { bindAddress: ':8443' },
  webhook: { port: 9443 },
  leaderElection: { leaderElect: false },
  integrations: { frameworks: ['sparkoperator.k8s.io/sparkapplication'] },
};

const featureGates = [
  { name: 'SparkApplicationIntegration', enabled: true },
  // An API server behind the API server, which a cluster built from packages has no certificates for.
  { name: 'VisibilityOnDemand', enabled: false },
];
const visibility = ['v1beta1', 'v1beta2'].map((version) => `${version}.visibility.kueue.x-k8s.io`);

/** Builds Kueue from its Go module, installs it by its chart and returns when it is ready, its webhooks too. */
export async function installKueue(stage: Stage): Promise<Kueue> {
  const { image, module } = await kueueImage();
  await importImage(stage.cluster, image);
  const chart = join(module, 'charts/kueue');
  const remove = async (): Promise<void> => {
    await stage.run('helm', ['uninstall', release, '-n', namespace, '--ignore-not-found', '--wait']);
    await stage.kube.delete({ plural: 'namespaces', name: namespace });
  };
  try {
    await step('install Kueue by helm', () =>
      stage.run(
        'helm',
        ['upgrade', '--install', release, chart, '-n', namespace, '--create-namespace', '--wait', '-f', '-'],
        JSON.stringify(valuesOf(image.name)),
      ),
    );
    await stage.run('kubectl', ['delete', 'apiservices', ...visibility, '--ignore-not-found']);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    async uninstall() {
      // While it is there to let go of them.
      await stage.run('kubectl', [
        'delete',
        'workloads.kueue.x-k8s.io,localqueues,clusterqueues,resourceflavors',
        '-A',
        '--all',
        '--timeout=60s',
      ]);
      await remove();
    },
  };
}

function valuesOf(reference: string): object {
  const { 'image.repository': repository, 'image.tag': tag } = imageSettings(reference);
  return {
    controllerManager: {
      featureGates,
      manager: { image: { repository, tag, pullPolicy: 'IfNotPresent' } },
    },
    managerConfig: { controllerManagerConfigYaml: JSON.stringify(configuration) },
  };
}
