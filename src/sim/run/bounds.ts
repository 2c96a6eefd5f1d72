import { parseKey } from '../../kube/object.ts';
import type { OperatorLoad } from '../kube/operator-load.ts';
import type { Simulation } from '../kube/simulation.ts';
import type { Violation } from './scenario.ts';

/**
 * Timers that an operator may have set at rest: those of each watch; of each kind that there are resources of, one for all
 * keys of its queue and one for all of its probe; of each resource, the time limits of what is asked in that very moment.
 */
const TIMERS = { eachWatch: 4, eachKind: 2, eachResource: 2 };

/** Requests about a resource that may wait for their answer at rest: its JobManager is asked now and then. */
const REQUESTS_EACH = 2;

/** The most requests that may wait for their answer at once in the life of a few resources. */
const MOST_REQUESTS = 24;

/**
 * Rule I15 of what the operator holds once everything is at rest: timers and requests by the number of resources, and nothing
 * at all of one that is gone. An operator that is down holds nothing.
 */
export function bounded({ operator, user }: Pick<Simulation, 'operator' | 'user'>): readonly Violation[] {
  const load = operator.load();
  if (load === undefined) return [];
  const counts = load.held.map(({ kind }) => user.list(kind).length);
  const resources = counts.reduce((sum, count) => sum + count, 0);
  const kinds = counts.filter((count) => count > 0).length;
  const { eachWatch, eachKind, eachResource } = TIMERS;
  const timers = eachWatch * load.watches + eachKind * kinds + eachResource * resources;
  return [
    ...over('timers are set at rest', load.timers, timers),
    ...over('requests wait for their answer at rest', load.requests, REQUESTS_EACH * resources),
    ...over('requests waited for their answer at once', load.mostRequests, MOST_REQUESTS),
    ...ghosts(load, user),
  ].map((text) => ({ rule: 'I15', text }));
}

function over(what: string, found: number, limit: number): readonly string[] {
  return found > limit ? [`${found} ${what}, more than ${limit}`] : [];
}

/** Keys of which something is kept although no resource has them. */
function ghosts({ held }: OperatorLoad, user: Simulation['user']): readonly string[] {
  return held.flatMap(({ kind, keys }) =>
    [...keys]
      .filter((key) => user.get({ ...kind, ...parseKey(key) }) === undefined)
      .map((key) => `something is kept of ${kind.kind} ${key}, which is gone`),
  );
}
