import type { ReasonTable } from '../reasons.ts';
import type { Shortage } from './verdict.ts';

/** Why what is to run does not fit; see docs/capacity.md. */
export const SHORTAGES: ReasonTable<Shortage> = {
  QuotaExceeded: {
    means: 'A ResourceQuota of the namespace leaves too little.',
    remedy: 'The message has the sums. Ask for less, or have the quota raised. See [capacity](../capacity.md).',
  },
  LimitRangeViolated: {
    means: 'A LimitRange of the namespace forbids a pod or container of this size.',
    remedy: 'The message has its bounds. Ask for a size between them, or have them changed.',
  },
  NoMatchingNode: {
    means: 'No node has the labels and tolerated taints that the pods ask for.',
    remedy: 'Check `nodeSelector`, required node affinity and `tolerations` of the pods.',
  },
  NoNodeLargeEnough: {
    means: 'No node would be large enough for one of the pods, even if it were empty.',
    remedy: 'The message has the sums. Smaller pods and more of them, or larger nodes.',
  },
  NotEnoughFree: {
    means: 'The nodes would be large enough, but too little of them is free now.',
    remedy: 'The message has the sums. Ask for less, or make room. See [capacity](../capacity.md).',
  },
};
