// Loaded into the operator under measurement with `node --import`: there is no cluster DNS here, so the names of REST
// Services in the bench's namespace lead to this machine, where the fake JobManagers listen.
import dns from 'node:dns';

const lookup = dns.lookup;

dns.lookup = Object.assign(
  (hostname, ...rest) => lookup(hostname.endsWith('-rest.weir-bench') ? '127.0.0.1' : hostname, ...rest),
  lookup,
);
