// Runs the resilience scenario of the local cluster alone: node e2e/bootstrap.mjs e2e/cluster/check.ts
import { run, summary } from '../scenarios/cluster-resilience.ts';

process.stderr.write(`${summary}\n`);
await run();
