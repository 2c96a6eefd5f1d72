import { afterAll, describe } from 'vitest';
import { type ApiServer, startApiServer } from '../../e2e/cluster/api-server.ts';
import { loadKubeConfig } from './kube-config.ts';
import { clientContract } from './testing/client.contract.ts';

let server: ApiServer | undefined;

afterAll(() => server?.stop());

describe('the runtime on a real API server', () => {
  clientContract(async () => {
    server = await startApiServer();
    return loadKubeConfig({ path: server.kubeconfigPath });
  });
});
