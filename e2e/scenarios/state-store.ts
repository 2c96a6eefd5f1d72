import { highlyAvailable } from '../kit/flink.ts';
import { startS3 } from '../kit/s3.ts';
import type { ScenarioContext } from './scenario.ts';

/** Where jobs keep checkpoints, savepoints and the metadata of high availability. */
export type Store = 'S3' | 'volume';

/**
 * Runs the work with Flink configuration for high availability and state in the store: the volume is the claim of the
 * scenario's namespace, S3 a service of its own that ends with the work.
 */
export async function withStore(
  context: ScenarioContext,
  store: Store,
  work: (configuration: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  if (store === 'volume') return work(highlyAvailable('file:///state'));
  const s3 = await startS3(context.stage.cluster);
  try {
    await work({ ...s3.configuration, ...highlyAvailable(`s3://${s3.bucket}`) });
  } finally {
    await s3.stop();
  }
}
