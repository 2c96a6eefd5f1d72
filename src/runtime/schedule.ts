import type { Cancel, Time } from './time.ts';

/** Keys with a time each, behind one timer however many there are. Times are Time.monotonic() milliseconds. */
export interface Schedule {
  readonly size: number;
  /** Every key that is scheduled. */
  keys(): Iterable<string>;
  /** When the key is due; undefined when it is not scheduled. */
  at(key: string): number | undefined;
  /** Sets or moves a key. */
  set(key: string, at: number): void;
  delete(key: string): void;
  /** Forgets all keys and stops the timer. */
  clear(): void;
}

interface Entry {
  readonly key: string;
  readonly at: number;
  /** Counts up, so that keys of one time come out in the order they went in. */
  readonly order: number;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A schedule that hands each key to `due` once, in order of time, when its time has come. */
export function createSchedule(time: Time, due: (key: string) => void): Schedule {
  const times = new Map<string, number>();
  const heap: Entry[] = [];
  let order = 0;
  let armed: { readonly at: number; readonly cancel: Cancel } | undefined;

  const isStale = (entry: Entry): boolean => times.get(entry.key) !== entry.at;
  const arm = (): void => {
    while (heap[0] !== undefined && isStale(heap[0])) pop(heap);
    const first = heap[0];
    if (armed !== undefined && armed.at === first?.at) return;
    armed?.cancel();
    armed = first && { at: first.at, cancel: time.after(Math.max(0, first.at - time.monotonic()), fire) };
  };
  const fire = (): void => {
    armed = undefined;
    const now = time.monotonic();
    for (let first = heap[0]; first !== undefined && first.at <= now; first = heap[0]) {
      pop(heap);
      if (isStale(first)) continue;
      times.delete(first.key);
      due(first.key);
    }
    arm();
  };
  return {
    get size() {
      return times.size;
    },
    keys: () => times.keys(),
    at: (key) => times.get(key),
    set(key, at) {
      if (times.get(key) === at) return;
      times.set(key, at);
      push(heap, { key, at, order: order++ });
      if (heap.length > 64 + 2 * times.size) dropStale(heap, isStale);
      arm();
    },
    delete(key) {
      if (times.delete(key)) arm();
    },
    clear() {
      times.clear();
      heap.length = 0;
      arm();
    },
  };
}

/** Moved and deleted keys leave entries behind; a sorted array is a valid heap. */
function dropStale(heap: Entry[], isStale: (entry: Entry) => boolean): void {
  const kept = heap.filter((entry) => !isStale(entry)).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  heap.splice(0, heap.length, ...kept);
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, entry)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const child = smallerChild(heap, index);
    const entry = heap[child];
    if (entry === undefined || isBefore(last, entry)) break;
    heap[index] = entry;
    index = child;
  }
  heap[index] = last;
}

function smallerChild(heap: readonly Entry[], index: number): number {
  const left = 2 * index + 1;
  const [a, b] = [heap[left], heap[left + 1]];
  return a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
}
