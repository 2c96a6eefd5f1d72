import { CannotStart, type ContainerStart, type SimProcess, type StartProcess, type Surroundings } from '../process.ts';
import { startDriver } from './driver.ts';
import { startExecutor } from './executor.ts';
import type { SparkWorld } from './world.ts';

/** Runs Spark in the pods of applications: a driver, a server as one or an executor, by the pod's label `spark-role`; nothing in others. */
export function sparkProcesses(world: SparkWorld): StartProcess {
  return (start: ContainerStart, around: Surroundings): SimProcess => {
    const image = String(start.container.image ?? '');
    if (!world.hasImage(image)) throw new CannotStart('ImagePullBackOff', `Back-off pulling image "${image}"`);
    const role = start.pod.metadata.labels?.['spark-role'];
    if (role === 'driver' || role === 'connect-server') return startDriver(world, start, around);
    return role === 'executor' ? startExecutor(world, start, around) : idle(around);
  };
}

/** Somebody else's process, which goes on until it is told to end. */
function idle(around: Surroundings): SimProcess {
  let exit: number | undefined;
  return {
    ready: () => exit === undefined,
    exitCode: () => exit,
    kill() {
      exit = 137;
    },
    terminate() {
      exit = 143;
      around.changed();
    },
  };
}
