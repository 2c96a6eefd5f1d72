import { type Amounts, countIn, minus, times } from './amounts.ts';

/** Pods of one shape, and where each of them may go. */
export interface Placeable {
  readonly each: Amounts;
  readonly count: number;
  /** One entry per node: whether it takes these pods at this moment. */
  readonly allowed: readonly boolean[];
}

/** Ways that are tried before an answer is given up: some 50 ms. Reached only by many pods of two shapes on many nodes. */
const MOST_STEPS = 300_000;

/** How many pods of one group find a place when it has the nodes for itself, at most `count`. */
export function placeableAlone({ each, count, allowed }: Placeable, free: readonly Amounts[]): number {
  const places = free.reduce((sum, room, index) => sum + (allowed[index] ? countIn(each, room, count) : 0), 0);
  return Math.min(count, places);
}

/**
 * How many pods of the last group find a place beside all pods of the others, in the best way to spread them, at most
 * its count; -1 when not even the others do. Exact, so that more room never means fewer pods. Undefined when there are
 * too many ways to try.
 */
export function placeableBeside(groups: readonly Placeable[], free: readonly Amounts[]): number | undefined {
  const last = groups.at(-1);
  if (last === undefined) return 0;
  const others = groups.slice(0, -1);
  const places = placesOf(others);
  let best: States = new Map([[0, 0]]);
  let steps = 0;
  for (const [index, room] of free.entries()) {
    const choices = choicesOn(others, index, room).map(({ taken, rest }) => ({
      taken,
      more: last.allowed[index] ? countIn(last.each, rest, last.count) : 0,
    }));
    steps += best.size * choices.length;
    if (steps > MOST_STEPS) return undefined;
    best = afterNode(best, choices, { others, places, most: last.count });
  }
  const complete = others.reduce((sum, { count }, index) => sum + count * (places[index] ?? 0), 0);
  return best.get(complete) ?? -1;
}

/** For each number of pods placed of the other groups (see placesOf) the most of the last group. */
type States = ReadonlyMap<number, number>;

interface Counting {
  readonly others: readonly Placeable[];
  readonly places: readonly number[];
  readonly most: number;
}

function afterNode(
  before: States,
  choices: readonly { readonly taken: readonly number[]; readonly more: number }[],
  { others, places, most }: Counting,
): States {
  const after = new Map<number, number>();
  for (const [state, placed] of before) {
    for (const { taken, more } of choices) {
      const reached = advanced(state, taken, others, places);
      if (reached === undefined) continue;
      after.set(reached, Math.max(after.get(reached) ?? 0, Math.min(most, placed + more)));
    }
  }
  return after;
}

/** What one digit of a state counts, since a state is how many pods of each other group are placed, as one number. */
function placesOf(groups: readonly Placeable[]): readonly number[] {
  const places: number[] = [];
  let place = 1;
  for (const { count } of groups) {
    places.push(place);
    place *= count + 1;
  }
  return places;
}

interface Choice {
  /** Pods of each other group on this node. */
  readonly taken: readonly number[];
  readonly rest: Amounts;
}

function choicesOn(groups: readonly Placeable[], node: number, room: Amounts): readonly Choice[] {
  let choices: readonly Choice[] = [{ taken: [], rest: room }];
  for (const { each, count, allowed } of groups) {
    choices = choices.flatMap(({ taken, rest }) => {
      const most = allowed[node] ? Math.min(countIn(each, rest, count), MOST_STEPS) : 0;
      return Array.from({ length: most + 1 }, (_, here) => ({
        taken: [...taken, here],
        rest: here === 0 ? rest : minus(rest, times(each, here)),
      }));
    });
  }
  return choices;
}

/** The state after placing `taken` more; undefined when a group would have more pods than it has. */
function advanced(
  state: number,
  taken: readonly number[],
  groups: readonly Placeable[],
  places: readonly number[],
): number | undefined {
  let reached = state;
  for (const [index, here] of taken.entries()) {
    const [place = 1, count = 0] = [places[index], groups[index]?.count];
    if ((Math.floor(state / place) % (count + 1)) + here > count) return undefined;
    reached += here * place;
  }
  return reached;
}
