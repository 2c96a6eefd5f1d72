import { parseQuantity } from '../kube/quantity.ts';
import { parseMemorySize } from '../lib/memory-size.ts';

/**
 * Bytes of a JobManager's or TaskManager's memory as users write it. Read as Flink does first (`2048m`, `1 gb`: all
 * units binary), else as a Kubernetes quantity in any case (`2Gi`, `1.5Gi`). So `2048m` is 2 GiB, not two bytes.
 * Undefined when it is neither or not a whole number of bytes; negative when it says so.
 */
export function parseProcessMemory(text: string | number): number | undefined {
  const flink = parseMemorySize(String(text));
  if (flink !== undefined) return flink;
  const quantity = String(text).replace(/\s/g, '').toUpperCase().replace(/B$/, '').replace(/I$/, 'i');
  const bytes = parseQuantity(quantity);
  return bytes !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined;
}
