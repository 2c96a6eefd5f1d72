import type { FlinkDeploymentSpec } from './schema.ts';
import type { Asked } from './stateless-once.ts';

/** The spec that decisions go by, of a resource of either kind; `diff` is from the recorded spec to it. */
export interface Wanted extends Asked {
  readonly spec: FlinkDeploymentSpec;
  readonly desired: 'running' | 'suspended';
  /** The spec that is given up for this one, which its author did not ask for. */
  readonly rejects?: FlinkDeploymentSpec;
}
