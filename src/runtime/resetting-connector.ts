import { type Socket, Socket as TcpSocket } from 'node:net';
import type { buildConnector } from 'undici';
import { buildConnector as connectorOf } from './undici.ts';

/**
 * Makes connections as undici's own connector does with these settings, with or without TLS. They end by a reset (RST) instead of
 * a close (FIN): what the kernel has taken for sending and the other side has not got, it drops. A connection that is closed is
 * sent from for minutes more, even when its process has ended, and a write would arrive when another replica leads.
 */
export function resettingConnector(settings: buildConnector.BuildOptions): buildConnector.connector {
  const connect = connectorOf(settings);
  return (target, callback) => {
    const { servername: _ofTls, ...host } = target;
    const secure = target.protocol === 'https:';
    const tcp = { ...host, protocol: 'http:', port: target.port || (secure ? '443' : '80') };
    connect(tcp, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      resetWhenDestroyed(socket);
      if (secure) connect({ ...target, httpSocket: socket }, callback);
      else callback(null, socket);
    });
  };
}

/** Only the socket of TCP knows how to reset, which one of TLS destroys when it is destroyed itself. */
function resetWhenDestroyed(socket: Socket): void {
  socket._destroy = (error, done) => {
    // It is being destroyed already: this only says how (net.Socket of Node.js 24).
    socket.resetAndDestroy();
    TcpSocket.prototype._destroy.call(socket, error, done);
  };
}
