import type { ContainerStart, SimProcess, Surroundings } from '../process.ts';
import type { SparkWorld } from './world.ts';

/** Runs an executor: it joins its driver once it has booted, works for it, and ends with it. Without a driver it fails. */
export function startExecutor(world: SparkWorld, start: ContainerStart, around: Surroundings): SimProcess {
  const { name } = start.pod.metadata;
  let exit: number | undefined;
  let leave = (): void => undefined;
  const end = (code: number): void => {
    if (exit !== undefined) return;
    exit = code;
    leave();
    forget();
    around.changed();
  };
  const forget = world.entered(name, () => end(50));
  around.after(world.timing.join, () => {
    const driver = world.drivers.get(start.env.SPARK_APPLICATION_ID ?? '');
    if (driver === undefined || exit !== undefined) end(1);
    else leave = driver.join(name, end);
  });
  return {
    ready: () => exit === undefined,
    exitCode: () => exit,
    terminate: () => void around.after(world.timing.shutdown, () => end(143)),
    kill: () => end(137),
  };
}
