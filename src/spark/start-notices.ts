import { isTrue, optionOf } from '../core/properties.ts';
import type { SparkConf } from './conf/entry.ts';
import { sparkAtLeast } from './conf/versions.ts';
import type { SparkApplicationSpec } from './schema.ts';

/**
 * A sentence about each thing Spark refuses once the program makes its session: SparkConf.validateSettings and
 * ExecutorAllocationManager.validateSettings, 3.3 to 4.3. Not a rule of admission, since a program can set properties itself.
 */
export function startNotices({ sparkVersion }: SparkApplicationSpec, conf: SparkConf): readonly string[] {
  return [
    ...optionNotices(conf),
    ...shuffleNotices(conf, sparkVersion),
    ...taskNotices(conf),
    ...encryptionNotices(conf),
  ];
}

function refused(path: string | undefined, because: string): readonly string[] {
  return path === undefined ? [] : [`${path}: Spark refuses it when it starts: ${because}`];
}

function optionNotices(conf: SparkConf): readonly string[] {
  const key = 'spark.executor.extraJavaOptions';
  const { value = '', because } = conf.get(key) ?? {};
  return [
    ...(value.includes('-Xmx')
      ? refused(because, 'the heap of executors is set by spec.executor.memory, not by -Xmx')
      : []),
    ...(value.includes('-Dspark')
      ? refused(because, 'properties of Spark go into spec.sparkConf, not into -Dspark')
      : []),
  ];
}

/** Executors that are given up must not take with them what others have yet to read. */
function shuffleNotices(conf: SparkConf, version: string | undefined): readonly string[] {
  const enabled = conf.get('spark.dynamicAllocation.enabled');
  const tracked = 'spark.dynamicAllocation.shuffleTracking.enabled';
  const elsewhere = ['spark.shuffle.sort.io.plugin.class', 'spark.shuffle.manager'].some((key) => conf.has(key));
  const moved = isTrue(conf, 'spark.decommission.enabled', false) && isTrue(conf, MOVES_BLOCKS, false);
  const isKept =
    elsewhere ||
    moved ||
    isTrue(conf, 'spark.shuffle.service.enabled', false) ||
    isTrue(conf, tracked, sparkAtLeast(version, 3, 4));
  if (isKept || !isTrue(conf, 'spark.dynamicAllocation.enabled', false)) return [];
  const path = conf.get(tracked)?.because ?? enabled?.because;
  return refused(path, `dynamic allocation needs ${tracked}, a shuffle service or ${MOVES_BLOCKS}`);
}

const MOVES_BLOCKS = 'spark.storage.decommission.shuffleBlocks.enabled';

function taskNotices(conf: SparkConf): readonly string[] {
  const [cores, ofTask] = ['spark.executor.cores', 'spark.task.cpus'].map((key) => Number(optionOf(conf, key)));
  if (cores === undefined || ofTask === undefined || !(ofTask > cores)) return [];
  return refused(conf.get('spark.task.cpus')?.because, `an executor has only ${cores} of spark.executor.cores`);
}

function encryptionNotices(conf: SparkConf): readonly string[] {
  if (isTrue(conf, 'spark.authenticate', false)) return [];
  return ['spark.network.crypto.enabled', 'spark.authenticate.enableSaslEncryption']
    .filter((key) => isTrue(conf, key, false))
    .flatMap((key) => refused(conf.get(key)?.because, 'encryption needs spark.authenticate'));
}
