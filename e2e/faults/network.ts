import { execFileSync } from 'node:child_process';
import { run, tryRun } from '../lib/run.ts';

/** A user whose processes can be cut off the network. */
export const CUT_USER = 65_501;

const TABLE = `weir_faults_${process.pid}`;
const MARK = 0x57656972;

/**
 * Drops every packet of CUT_USER's processes from now on, and every packet to them: connections are neither closed nor
 * refused, nothing comes any more. Needs root and nft. Returns what heals it.
 */
export async function cutOff(): Promise<() => Promise<void>> {
  const rules = `table inet ${TABLE} {
  chain out {
    type filter hook output priority 0;
    meta skuid ${CUT_USER} ct mark set ${MARK} drop
  }
  chain in {
    type filter hook input priority 0;
    ct mark ${MARK} drop
  }
}`;
  const heal = async (): Promise<void> => {
    process.off('exit', healAtExit);
    await run('nft', ['delete', 'table', 'inet', TABLE]);
  };
  process.once('exit', healAtExit);
  await run('nft', ['-f', '-'], { input: rules });
  return heal;
}

function healAtExit(): void {
  execFileSync('nft', ['delete', 'table', 'inet', TABLE]);
}

/** Why no network can be cut on this machine; undefined where it can. */
export async function whyNoCut(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'it needs root';
  for (const [command, args] of [
    ['nft', ['list', 'tables']],
    ['setpriv', ['--version']],
  ] as const) {
    const result = await tryRun(command, args).catch((error: Error) => ({ code: 1, error }));
    if (result.code !== 0) return `${command} does not work here`;
  }
  return undefined;
}
