import type { KubeObject } from '../../src/kube/object.ts';
import { flinkDeployment } from '../kit/flink.ts';
import { deleteFlink, editJob, killJobManager, resume, suspend, untilCheckpoints, untilRunning } from './life.ts';
import { expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const name = 'alone';

/** The life of an application cluster whose TaskManagers are a Deployment. */
export const standalone23: Scenario = {
  name: 'standalone-2.3',
  summary: 'Flink 2.3, standalone: run, checkpoint, edit, suspend, resume, lose the JobManager pod, delete',
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: false,
  async run(context) {
    const { kube, namespace } = context;
    const image = context.flinkImage('2.3.0');
    const wish = { name, namespace, image, flinkVersion: 'v2_3', spec: { mode: 'standalone' } };
    await kube.apply(flinkDeployment(wish));
    const first = await untilRunning(context, name, { parallelism: 2 });
    await untilCheckpoints(context, name, first.status, 2);
    expectEqual('TaskManager replicas for 2 slots', await taskManagers(context), 1);
    await editJob(context, name, { parallelism: 3 });
    const wider = await untilRunning(context, name, { parallelism: 3, after: first.status });
    expectEqual('TaskManager replicas for 3 slots', await taskManagers(context), 2);
    await suspend(context, name);
    const resumed = await resume(context, name, { parallelism: 3, after: wider.status });
    await killJobManager(context, name, { parallelism: 3, after: resumed.status });
    await deleteFlink(context, name);
  },
};

async function taskManagers({ kube, namespace }: ScenarioContext): Promise<number | undefined> {
  const found = await kube.get({ plural: 'deployments', namespace, name: `${name}-taskmanager` });
  return (found as (KubeObject & { spec?: { replicas?: number } }) | undefined)?.spec?.replicas;
}
