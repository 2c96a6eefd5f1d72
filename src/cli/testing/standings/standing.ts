import type { Condition } from '../../../kube/conditions.ts';
import type { KubeObject } from '../../../kube/object.ts';

/** What kstatus says of a resource, as Flux and Helm wait by it. */
export type KStatus = 'InProgress' | 'Failed' | 'Current' | 'Terminating';
/** What a health script of Argo CD says. */
export type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Unknown';

/** A resource in one of the states it comes through, and what those who deploy it are to make of it. */
export interface Row {
  readonly what: string;
  /** With the status that a pass leaves. */
  readonly resource: KubeObject;
  readonly kstatus: KStatus;
  /** By the script in deploy/argocd. */
  readonly health: Health;
  /** By the script that Argo CD brings for the kind. */
  readonly brought: Health | undefined;
}

/** The states of one kind. */
export interface Table {
  readonly kind: string;
  /** The state in the words of the kind. */
  readonly stateOf: (resource: KubeObject) => string | undefined;
  /** Every word there is for it. */
  readonly states: readonly string[];
  /** Words that Weir never leaves in a status, and why. */
  readonly never: Readonly<Record<string, string>>;
  /** The script that Argo CD brings; absent where it brings none. */
  readonly brought?: (resource: KubeObject) => Health;
  readonly rows: readonly Row[];
}

/** The generation of every resource of the tables. */
export const GENERATION = 3;

/** What of a status those who deploy read, of whatever kind. */
export interface Standing {
  readonly conditions?: readonly Condition[];
  readonly observedGeneration?: number;
}

/** What kstatus says (cli-utils 0.37, pkg/kstatus/status): deletion, the generation, the first of Reconciling and Stalled, then Ready. */
export function kstatus({ metadata, status }: KubeObject): KStatus {
  const { conditions = [], observedGeneration } = (status ?? {}) as Standing;
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (observedGeneration !== undefined && observedGeneration !== metadata.generation) return 'InProgress';
  for (const { type, status: value } of conditions) {
    if (type === 'Reconciling' && value === 'True') return 'InProgress';
    if (type === 'Stalled' && value === 'True') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}

/** One line of a table: what, how it came about, kstatus, the health of deploy/argocd, and of the script that is brought. */
export type Line<Given> = readonly [string, Given, KStatus, Health, Health?];

/** The rows of a table. `pass` gives the resource with the status of one pass. */
export function rowsOf<Given>(lines: readonly Line<Given>[], pass: (given: Given) => KubeObject): readonly Row[] {
  return lines.map(([what, given, wanted, health, brought]) => ({
    what,
    resource: pass(given),
    kstatus: wanted,
    health,
    brought,
  }));
}

/** A resource with what a pass wrote over the status it had; nothing where it wrote nothing. */
export function written(resource: KubeObject, status: object | undefined): KubeObject {
  return status === undefined ? resource : { ...resource, status: { ...(resource.status as object), ...status } };
}
