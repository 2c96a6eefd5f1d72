import { findCondition } from '../kube/conditions.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FlinkDeploymentStatus } from './schema.ts';

/** A resource and what its status says. */
interface Told {
  readonly resource: KubeObject;
  readonly status: FlinkDeploymentStatus | undefined;
}

/**
 * Whether the status tells why the last attempt at the start under way failed. It goes on telling that until one succeeds:
 * each attempt would else be two writes, of what is begun and of why it failed.
 */
export function tellsFailure({ status, resource }: Told, isFailure: (reason: string) => boolean): boolean {
  const ready = findCondition(status?.conditions, 'Ready');
  return (
    ready !== undefined &&
    isFailure(ready.reason) &&
    ready.observedGeneration === resource.metadata.generation &&
    status?.reconciliationStatus?.state === 'UPGRADING'
  );
}
