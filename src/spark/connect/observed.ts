import type { KubeObject } from '../../kube/object.ts';
import { UNSEEN as NO_RUN, type Observed } from '../observed.ts';

/*
 * What a decision about a SparkConnect may know, gathered once per pass by observe.ts: what is known of a run, the server as its
 * driver, and
 *
 *   Services    services    for clients: labelled with its name, owned by it, of no submission
 */

/** Everything known about one SparkConnect. */
export interface ConnectObserved extends Observed {
  readonly services: readonly KubeObject[];
}

/** Nothing was looked at: for decisions that rest on the resource alone. */
export const UNSEEN: ConnectObserved = { ...NO_RUN, services: [] };
