import { flinkDeployment, type Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';

/** Once nothing changes any more. */
export const REST = 'rest';

/** kubectl create. */
export const create: Step = { name: 'create', act: (stage) => stage.create(), until: REST };

/** Time for a few checkpoints. */
export const afterCheckpoints: Step = { name: 'run for a while', act: () => undefined, until: 25_000 };

/** A change of the spec, as a merge patch. */
export function edit(name: string, spec: object, until: Step['until'] = REST): Step {
  return { name, act: (stage) => stage.edit(spec), until };
}

/** The second version of the job's code. */
export const newImage = (until: Step['until'] = REST): Step => edit('new image', { image: 'jobs:2' }, until);

/** The job is to stop. */
export const suspend = (until: Step['until'] = REST): Step => edit('suspend', { job: { state: 'suspended' } }, until);

/** The job is to go on. */
export const resume: Step = edit('resume', { job: { state: 'running' } });

/** kubectl delete. */
export const remove: Step = { name: 'delete', act: (stage) => stage.remove(), until: REST };

/** kubectl create of a FlinkStateSnapshot of the job. */
export function take(spec: object, until: Step['until'] = REST): Step {
  return { name: 'create a snapshot', act: (stage) => stage.createSnapshot('mine', spec), until };
}

/** The shortest life with an upgrade in it. */
export const UPGRADE: readonly Step[] = [create, afterCheckpoints, newImage()];

/** A life of one FlinkDeployment, named after its variant: `native, savepoint: <life>`. */
export function scenario(
  variant: Variant,
  life: string,
  steps: readonly Step[],
  more: Partial<Scenario> = {},
): Scenario {
  const ha = variant.ha === false ? ', no HA' : '';
  const name = `${variant.mode}, ${variant.upgradeMode}${ha}: ${life}`;
  return { name, resource: flinkDeployment(variant), steps, ...more };
}
