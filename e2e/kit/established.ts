import { until } from './until.ts';

/** Waits with `kubectl wait` until CRDs are served. It fails at once where one is too new to have any condition, so it is asked again. */
export async function established(wait: () => Promise<unknown>): Promise<void> {
  await until('the CRDs to be established', async () => ({ done: await wait() }));
}
