import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { load } from 'js-yaml';
import type { KubeObject } from '../../src/kube/object.ts';
import { KubeError } from '../../src/runtime/classify-failure.ts';
import { createKinds } from '../../src/runtime/kinds.ts';
import { createKubeClient, type KubeRequest } from '../../src/runtime/kube-client.ts';
import { loadKubeConfig } from '../../src/runtime/kube-config.ts';

/** A way to an API server that remembers every object it is asked to store, as it was sent, before any default. */
export interface Recorder {
  /** Where it listens: plain HTTP on the loopback address, no credentials needed. */
  readonly url: string;
  /** The objects sent since the last call, the last version of each, in the order in which they first came. */
  take(): readonly KubeObject[];
  close(): Promise<void>;
}

/** Begins to listen on a free port and passes every request on as the administrator of a kubeconfig. */
export async function startRecorder(kubeconfig: string): Promise<Recorder> {
  const config = loadKubeConfig({ path: kubeconfig });
  const client = createKubeClient({ config, kinds: createKinds([]), userAgent: 'weir-record' });
  const sent = new Map<string, KubeObject>();
  const remember = (object: KubeObject): void => {
    sent.set(`${object.kind}/${object.metadata.name}`, object);
  };
  const server = createServer((request, response) => {
    void answer(request, client.request, remember).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const objects = [...sent.values()];
      sent.clear();
      return objects;
    },
    async close() {
      await closed(server);
      await client.close();
    },
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))));
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(
  incoming: IncomingMessage,
  request: (request: KubeRequest) => Promise<unknown>,
  remember: (object: KubeObject) => void,
): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = incoming;
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = load(Buffer.concat(chunks).toString('utf8') || 'null') as KubeObject | null; // JSON is YAML too
  if (method !== 'DELETE' && body?.metadata !== undefined) remember(body);
  const contentType = headers['content-type']?.split(';')[0];
  try {
    const stored = await request({
      method: method as KubeRequest['method'],
      path: pathname,
      query: Object.fromEntries(searchParams),
      ...(body === null ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType: contentType as NonNullable<KubeRequest['contentType']> }),
    });
    return { status: 200, body: stored };
  } catch (error) {
    const status = (error instanceof KubeError ? error.status : undefined) ?? 500;
    const message = error instanceof Error ? error.message : String(error);
    return { status, body: { apiVersion: 'v1', kind: 'Status', status: 'Failure', code: status, message } };
  }
}
