import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run, tryRun } from './run.ts';

const noninteractive = { DEBIAN_FRONTEND: 'noninteractive' };
/** Another apt-get may be at work (a second build, unattended upgrades): wait for it instead of failing. */
const waitForOthers = ['-o', 'DPkg::Lock::Timeout=600'];

/**
 * Installs those of the named Debian packages that are missing. Needs root and a Debian or Ubuntu host only when one
 * is; `why` (e.g. "building container images") is told in the error of a host where that is impossible.
 */
export async function ensureDebianPackages(names: readonly string[], why: string): Promise<void> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const wish = `${why} needs the Debian package${missing.length > 1 ? 's' : ''} ${missing.join(' ')}`;
  if (process.getuid?.() !== 0)
    throw new Error(`${wish}: install ${missing.length > 1 ? 'them' : 'it'}, or run as root`);
  const install = ['install', '-y', '-q', '--no-install-recommends', ...waitForOthers, ...missing];
  const first = await tryRun('apt-get', install, { env: noninteractive });
  if (first.code === 0) return;
  await run('apt-get', ['update', '-q', ...waitForOthers], { env: noninteractive }); // no package lists yet, or old ones
  await run('apt-get', install, { env: noninteractive }).catch((error: unknown) => {
    throw new Error(`${wish}, and apt-get could not install them`, { cause: error });
  });
}

/** Like `ensureDebianPackages`, for commands by the package that brings each: one found on PATH, wherever from, is enough. */
export async function ensureCommands(packageOf: Readonly<Record<string, string>>, why: string): Promise<void> {
  const missing: string[] = [];
  for (const [command, name] of Object.entries(packageOf)) if (!(await onPath(command))) missing.push(name);
  if (missing.length > 0) await ensureDebianPackages(missing, why);
}

async function onPath(command: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const found = await access(join(folder, command), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

async function missingPackages(names: readonly string[]): Promise<string[]> {
  const query = await tryRun('dpkg-query', ['-W', '-f', `\${Package} \${db:Status-Status}\n`, ...names]).catch(() => {
    throw new Error(`this host has no dpkg: install ${names.join(', ')} by its own package manager`);
  });
  const lines = query.stdout.split('\n');
  return names.filter((name) => !lines.includes(`${name} installed`));
}
