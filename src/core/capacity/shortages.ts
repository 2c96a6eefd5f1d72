import type { ReasonTable } from '../reasons.ts';
import type { Shortage } from './verdict.ts';

/** Why what is to run does not fit; see docs/capacity.md. */
export const SHORTAGES: ReasonTable<Shortage> = {
  QuotaExceeded: { means: 'A ResourceQuota of the namespace leaves too little.' },
  LimitRangeViolated: { means: 'A LimitRange of the namespace forbids a pod or container of this size.' },
  NoMatchingNode: { means: 'No node has the labels and tolerated taints that the pods ask for.' },
  NoNodeLargeEnough: { means: 'No node would be large enough for one of the pods, even if it were empty.' },
  NotEnoughFree: { means: 'The nodes would be large enough, but too little of them is free now.' },
};
