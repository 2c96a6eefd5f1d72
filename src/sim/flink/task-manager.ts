import type { ContainerStart, SimProcess, Surroundings } from '../process.ts';
import { optionOf } from './conf.ts';
import { installation } from './installation.ts';
import type { FlinkWorld } from './world.ts';

/** Runs a TaskManager: it registers once it has booted, and is gone with its process. */
export function startTaskManager(world: FlinkWorld, start: ContainerStart, around: Surroundings): SimProcess {
  const found = installation(start);
  let exit: number | undefined = found === undefined ? 1 : undefined;
  let leave: () => void = () => undefined;
  if (found !== undefined) {
    const slots = Number(optionOf(found.options, 'taskmanager.numberOfTaskSlots') ?? 1);
    around.after(world.timing.boot, () => {
      if (exit !== undefined) return;
      leave = world.taskManagers.add(found.cluster, { pod: start.pod.metadata.name, slots });
      around.changed();
    });
  }
  const end = (code: number): void => {
    leave();
    forget();
    exit ??= code;
  };
  const forget = world.entered(start.pod.metadata.name, () => {
    end(239);
    around.changed();
  });
  return {
    ready: () => exit === undefined,
    exitCode: () => exit,
    kill: () => end(137),
    terminate() {
      leave();
      around.after(world.timing.shutdown, () => {
        end(143);
        around.changed();
      });
    },
  };
}
