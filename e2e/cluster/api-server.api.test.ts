import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './api-server.ts';
import { apiCall } from './http.ts';

/** Command lines of running processes that hold this text. */
async function runningWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))); // ended meanwhile
  return lines.filter((line) => line.includes(text));
}

const folderOf = (server: ApiServer): string => dirname(dirname(server.kubeconfigPath));

const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const maps = '/api/v1/namespaces/default/configmaps';

describe('two API-only control planes at once', () => {
  let first: ApiServer;
  let second: ApiServer;

  beforeAll(async () => {
    [first, second] = await Promise.all([
      startApiServer(),
      startApiServer({ controllers: ['garbage-collector-controller'] }),
    ]);
  });
  afterAll(() => Promise.all([first.stop(), second.stop()]));

  it('keep their objects apart', async () => {
    expect((await apiCall(first.admin, maps, { method: 'POST', body: configMap('here') })).status).toBe(201);
    expect((await apiCall(first.admin, `${maps}/here`)).status).toBe(200);
    expect((await apiCall(second.admin, `${maps}/here`)).status).toBe(404);
  });

  it('refuse the credentials of each other', async () => {
    const answer = apiCall({ ...first.admin, authority: second.admin.authority, server: second.url }, maps);
    expect((await answer).status).toBe(401);
  });

  it('are reachable with the kubeconfig', async () => {
    const config = new KubeConfig();
    config.loadFromFile(first.kubeconfigPath);
    const names = (await config.makeApiClient(CoreV1Api).listNamespace()).items.map((item) => item.metadata?.name);
    expect(names).toContain('default');
  });

  it('take pods without the service account controller', async () => {
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod' },
      spec: { containers: [{ name: 'main', image: 'localhost/none:1' }] },
    };
    const answer = await apiCall(first.admin, '/api/v1/namespaces/default/pods', { method: 'POST', body });
    expect(answer.status).toBe(201);
  });

  it('remove dependents when the garbage collector runs', async () => {
    const owner = await apiCall(second.admin, maps, { method: 'POST', body: configMap('owner') });
    const { uid } = (JSON.parse(owner.body) as { metadata: { uid: string } }).metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
    const body = { ...configMap('owned'), metadata: { name: 'owned', ownerReferences } };
    expect((await apiCall(second.admin, maps, { method: 'POST', body })).status).toBe(201);
    await apiCall(second.admin, `${maps}/owner`, { method: 'DELETE' });
    while ((await apiCall(second.admin, `${maps}/owned`)).status !== 404) await sleep(50);
  });

  it('leave no process and no file when stopped, also when stopped twice', async () => {
    const folder = folderOf(first);
    expect((await runningWith(folder)).length).toBeGreaterThan(0);
    await first.stop();
    await first.stop();
    expect(await runningWith(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    expect((await apiCall(second.admin, maps)).status).toBe(200);
  });
});

it('ends with the process that started it, even one that is killed', async () => {
  const script = `
    const { startApiServer } = await import(${JSON.stringify(new URL('./api-server.ts', import.meta.url).href)});
    const server = await startApiServer();
    process.stdout.write(server.kubeconfigPath + '\\n');
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const folder = dirname(dirname(text.toString().trim()));
  expect(await runningWith(`${folder}/`)).not.toEqual([]);
  child.kill('SIGKILL');
  while ((await runningWith(folder)).length > 0 || existsSync(folder)) await sleep(50);
});
