import type { z } from 'zod';
import { field, group, integer, text } from '../../kube/schema-parts.ts';
import type { DeepReadonly } from '../../lib/deep-readonly.ts';

/** status.autoscaler: what the autoscaler says of the job. */
export const FlinkAutoscalerStatus = group({
  reason: field(text(), 'What it found, in one word.'),
  message: field(text(), 'The same in a sentence: what is done, or why nothing is.'),
  at: field(integer(), 'When it said so, in milliseconds since the epoch.'),
  scaledAt: field(integer(), 'When the parallelism in force was decided, in milliseconds since the epoch.'),
});
export type FlinkAutoscalerStatus = DeepReadonly<z.infer<typeof FlinkAutoscalerStatus>>;
