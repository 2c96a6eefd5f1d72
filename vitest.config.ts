import { defineConfig } from 'vitest/config';

/** `unit` and `sim` (long, on all cores) need nothing, `api` needs an API-only control plane; `npm test` runs all. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'e2e/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/*.api.test.ts', '**/*.sim.test.ts', '**/node_modules/**'],
          // Files share a worker and the modules it has loaded: loading those anew for each costs more than the tests. So what
          // a test starts it stops, and what it changes of the process it puts back.
          isolate: false,
          // Catches what hangs: how fast the machine is must not decide a test.
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'sim',
          include: ['src/**/*.sim.test.ts'],
          testTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: 'api',
          include: ['src/**/*.api.test.ts', 'e2e/**/*.api.test.ts'],
          fileParallelism: false,
          isolate: false, // as the unit tests
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
