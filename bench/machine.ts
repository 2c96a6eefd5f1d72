import { cpus, loadavg, release, totalmem } from 'node:os';
import { kubernetesVersion } from '../e2e/cluster/programs.ts';
import { VERSION } from '../src/lib/version.ts';
import { round } from './stats.ts';

/** Where and when something was measured. */
export interface MachineFacts {
  readonly date: string;
  readonly weir: string;
  readonly node: string;
  readonly kubernetes: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** Load average of the last minute before the first measurement. */
  readonly load: number;
}

/** The facts of now. */
export function machineFacts(): MachineFacts {
  const cores = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).concat('Z'),
    weir: VERSION,
    node: process.version,
    kubernetes: kubernetesVersion,
    cpus: cores.length,
    cpuModel: cores[0]?.model.trim() ?? 'unknown',
    memoryGiB: round(totalmem() / 1024 ** 3, 1),
    kernel: release(),
    load: round(loadavg()[0] ?? 0),
  };
}
