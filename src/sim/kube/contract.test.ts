import { describe } from 'vitest';
import { operatorAccess } from '../../operator-access.ts';
import { serverContract } from './testing/server.contract.ts';
import { startSimServer } from './testing/sim-server.ts';

describe('the simulated API server', () => {
  serverContract(() => startSimServer(operatorAccess()));
});
