import pc from 'picocolors';
import type { KubeObject } from '../../src/kube/object.ts';
import { type CheckpointsAnswer, flinkRest, type LiveFlink } from '../kit/flink.ts';
import type { Kube } from '../kit/kube.ts';
import type { Stage } from '../kit/stage.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** How many checkpoints the job has completed and lost, as its JobManager says. */
export async function checkpointsOf(kube: Kube, live: LiveFlink): Promise<CheckpointsAnswer['counts']> {
  const { name, namespace = '' } = live.object.metadata;
  const path = `/jobs/${live.status.jobStatus?.jobId ?? ''}/checkpoints`;
  const { counts } = (await flinkRest(kube, namespace, name, path)) as CheckpointsAnswer;
  return counts;
}

/** What runs, in a few lines: job, TaskManagers, tasks, checkpoints, times (milliseconds). */
export async function summaryOf(
  kube: Kube,
  live: LiveFlink,
  times: { readonly checkpointed: number; readonly all: number },
): Promise<string> {
  const { jobStatus, taskManager, tasks } = live.status;
  const { completed } = await checkpointsOf(kube, live);
  const vertices = (tasks?.perVertex ?? []).map((vertex) => `${vertex.parallelism} × ${vertex.name}`).join(', ');
  const rows = [
    ['job', `${pc.green(jobStatus?.state ?? '')}: ${jobStatus?.jobName}, id ${jobStatus?.jobId}`],
    [
      'TaskManagers',
      `${taskManager?.replicas} with ${taskManager?.slotsPerTaskManager} slots, in all ${taskManager?.totalCpu} cores and ${taskManager?.totalMemory}`,
    ],
    ['tasks', `${tasks?.running} of ${tasks?.total} run: ${vertices}`],
    ['checkpoints', `${completed} completed`],
    ['time', `${seconds(times.checkpointed)} from apply to the first checkpoint, ${seconds(times.all)} in all`],
  ];
  return `${rows.map(([title = '', text]) => `  ${pc.bold(title.padEnd(12))}  ${text}`).join('\n')}\n`;
}

/** Commands to try now, each with what it shows. */
export async function whatNext(
  stage: Stage,
  demo: { readonly live: LiveFlink; readonly manifest: string; readonly name: string },
): Promise<string> {
  const { cluster } = stage;
  const { name } = demo.live.object.metadata;
  const which =
    cluster.kind === 'context' ? ` --context ${cluster.name}` : demo.name === 'weir' ? '' : ` --name ${demo.name}`;
  const patch = (job: string): string => `kubectl patch flinkdep ${name} --type merge -p '{"spec":{"job":{${job}}}}'`;
  const env = `eval "$(npm run -s cluster -- env${which}${cluster.kind === 'kind' ? ' --kind' : ''})"`;
  const rows: [comment: string, command: string][] = [
    ['kubectl and helm for this cluster, in your shell', env],
    ['how it stands, and follow it', 'kubectl get flinkdep -o wide --watch'],
    ['scale it: watch it end, then start with three', patch('"parallelism":3')],
    ['suspend it; "running" brings it back', patch('"state":"suspended"')],
    ['what the operator did and why', `kubectl describe flinkdep ${name}`],
    ['what a manifest would create, without a cluster', `npx weir plan -f ${demo.manifest}`],
    ["Flink's own pages", await userInterface(stage, demo.live)],
    ['delete the job, and nothing of it is left', `kubectl delete flinkdep ${name}`],
    ['remove everything the demo made', `npm run demo -- --down${which}`],
  ];
  const lines = rows.map(([comment, command]) => `  ${pc.dim(`# ${comment}`)}\n  ${command}\n`);
  return `${pc.bold('Try next')}\n${lines.join('')}`;
}

/** The address of the JobManager's pages where this machine reaches Services, else how to get one. */
async function userInterface({ cluster, kube }: Stage, live: LiveFlink): Promise<string> {
  const { name, namespace = '' } = live.object.metadata;
  const service = await kube.get({ plural: 'services', namespace, name: `${name}-rest` });
  const { clusterIP } = ((service as KubeObject | undefined)?.spec ?? {}) as { clusterIP?: string };
  const reachable = cluster.kind === 'node' && clusterIP !== undefined;
  return reachable
    ? `http://${clusterIP}:8081`
    : `kubectl port-forward service/${name}-rest 8081   (http://localhost:8081)`;
}
