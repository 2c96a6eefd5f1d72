import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { isReady } from '../http.ts';
import { isAlive, logTail, type ProcessIdentity, startDetached } from '../process.ts';
import { processEnvironment } from './cleanup.ts';
import type { Component, ComponentName } from './components.ts';
import type { Folders } from './folders.ts';
import { inNamespace } from './network.ts';

const identitySchema = z.object({ pid: z.number(), startTime: z.string(), bootId: z.string() });

/** The file that gets a component's output. */
export function logFile(folders: Folders, name: ComponentName): string {
  return join(folders.logs, `${name}.log`);
}

/** The process a component was last started as, if that one still runs. */
export async function runningProcess(folders: Folders, name: ComponentName): Promise<ProcessIdentity | undefined> {
  const text = await readFile(join(folders.processes, `${name}.json`), 'utf8').catch(() => undefined); // never started
  if (text === undefined) return undefined;
  const identity = identitySchema.parse(JSON.parse(text));
  return (await isAlive(identity)) ? identity : undefined;
}

async function start(folders: Folders, component: Component): Promise<ProcessIdentity> {
  if (component.name === 'containerd') await writeFile(folders.containerdDirty, '');
  const [command, args] = inNamespace(folders.networkNamespace, component.command, component.args);
  const log = logFile(folders, component.name);
  const identity = await startDetached(command, args, { log, env: processEnvironment(folders) });
  await mkdir(folders.processes, { recursive: true });
  const path = join(folders.processes, `${component.name}.json`);
  await writeFile(`${path}.new`, JSON.stringify(identity));
  await rename(`${path}.new`, path);
  return identity;
}

/** What to do besides, as soon as a component is ready. */
export type WhenReady = Partial<Record<ComponentName, () => Promise<void>>>;

const patienceMs = 90_000;

/**
 * Starts those components that do not run, each as soon as what it needs is ready, and returns when all are ready and
 * the work tied to them is done. Throws with the end of its log when one ends or is not ready in time. Returns the
 * names of those it started.
 */
export async function startComponents(
  folders: Folders,
  all: readonly Component[],
  whenReady: WhenReady,
): Promise<ComponentName[]> {
  const started: ComponentName[] = [];
  const giveUp = new AbortController();
  const ready = new Map<ComponentName, Promise<void>>();
  const bring = async (component: Component): Promise<void> => {
    await Promise.all(component.needs.map((name) => ready.get(name)));
    let identity = await runningProcess(folders, component.name);
    if (identity === undefined) {
      // A socket that a killed process left must not pass for the new one's.
      if ('socket' in component.probe) await rm(component.probe.socket, { force: true });
      identity = await start(folders, component);
      started.push(component.name);
    }
    await untilReady(folders, component, identity, giveUp.signal);
    await whenReady[component.name]?.();
  };
  for (const component of all) {
    ready.set(
      component.name,
      bring(component).catch((error: unknown) => {
        giveUp.abort();
        throw error;
      }),
    );
  }
  await Promise.all(ready.values());
  return started;
}

async function untilReady(
  folders: Folders,
  component: Component,
  identity: ProcessIdentity,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await isReady(component.probe))) {
    const ended = !(await isAlive(identity));
    if (ended || Date.now() > deadline) {
      const log = logFile(folders, component.name);
      throw new Error(
        `${component.name} ${ended ? 'ended' : 'is not ready'}; the end of ${log}:\n${await logTail(log)}`,
      );
    }
    signal.throwIfAborted();
    await sleep(50);
  }
}
