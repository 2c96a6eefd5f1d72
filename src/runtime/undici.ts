import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';

// As undici's index does for all of its ways to ask.
Object.assign(Dispatcher.prototype, { request });

/**
 * What the operator uses of undici 8. Its index loads fetch, WebSocket, caches and mocks besides, and with them parts of
 * Node that nothing else asks for: 12 MiB in all (Node 24).
 */
export { default as buildConnector } from 'undici/lib/core/connect.js';
export { Agent };

/** Where a URL leads, as undici's requests name it. */
export function placeOf({ origin, pathname, search }: URL): { readonly origin: string; readonly path: string } {
  return { origin, path: `${pathname}${search}` };
}
