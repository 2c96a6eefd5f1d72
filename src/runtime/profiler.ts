import { setTimeout as sleep } from 'node:timers/promises';

/** Loaded when a profile is asked for: few operators ever are. */
const inspector = (): typeof import('node:inspector/promises') => process.getBuiltinModule('node:inspector/promises');

/** The longest profile, in seconds. */
export const PROFILE_LIMIT_S = 120;

/** Takes profiles of this process, one at a time. */
export interface Profiler {
  /** Where its CPU goes in so many seconds, as the JSON of a `.cpuprofile` (V8); undefined while another is being taken. */
  take(seconds: number): Promise<string | undefined>;
}

/** A profiler that samples this very process, a thousand times a second, which costs it a few percent meanwhile. */
export function createProfiler(): Profiler {
  let busy = false;
  return {
    async take(seconds) {
      if (busy) return undefined;
      busy = true;
      const { Session } = inspector();
      const session = new Session();
      try {
        session.connect();
        await session.post('Profiler.enable');
        await session.post('Profiler.start');
        await sleep(seconds * 1000, undefined, { ref: false });
        const { profile } = await session.post('Profiler.stop');
        return JSON.stringify(profile);
      } finally {
        session.disconnect();
        busy = false;
      }
    },
  };
}
