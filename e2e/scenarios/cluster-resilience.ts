import { checkResilience } from '../cluster/resilience.ts';
import { expectEqual, type Scenario } from './scenario.ts';

/** The local cluster itself: what the other scenarios stand on. */
export const clusterResilience: Scenario = {
  name: 'cluster-resilience',
  summary: 'two more local clusters side by side survive killed parts and leave nothing behind',
  images: [],
  byDefault: false,
  alone: true,
  async run({ stage }) {
    expectEqual('kind of the cluster', stage.cluster.kind, 'node');
    await checkResilience();
  },
};
