import { afterAll, beforeAll } from 'vitest';
import { applyContract } from './apply.contract.ts';
import type { ContractServer } from './contract-server.ts';
import { deletionContract } from './deletion.contract.ts';
import { deploymentsContract } from './deployments.contract.ts';
import { readsContract } from './reads.contract.ts';
import { rightsContract } from './rights.contract.ts';
import { statusContract } from './status.contract.ts';
import { writesContract } from './writes.contract.ts';

/** What the simulated API server has in common with a real one: the same cases, on either. */
export function serverContract(start: () => Promise<ContractServer>): void {
  let server: ContractServer | undefined;
  const started = (): ContractServer => {
    if (server === undefined) throw new Error('the server has not started');
    return server;
  };
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());

  writesContract(started);
  statusContract(started);
  applyContract(started);
  deletionContract(started);
  deploymentsContract(started);
  readsContract(started);
  rightsContract(started);
}
