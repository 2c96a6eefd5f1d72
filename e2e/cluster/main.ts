import { nodeClusterDown, nodeClusterUp } from './node/cluster.ts';

const [, , cmd, name = 'weir', flag] = process.argv;
if (cmd === 'up') await nodeClusterUp(name);
else await nodeClusterDown(name, { purge: flag === '--purge' });
