import type { CapacitySurvey, ClusterCapacity } from '../core/capacity/survey.ts';
import { known, unasked } from '../core/fact.ts';
import {
  askCluster,
  askNamespace,
  type CapacitySurveyOptions,
  type ClusterPart,
  limited,
} from './capacity-questions.ts';

/** Answers older than this are asked for anew. */
const KEPT_MS = 10_000;

/** After this long without a question everything known is dropped. */
const FORGOTTEN_MS = 60_000;

/** A survey the runtime can stop. */
export interface RunningSurvey extends CapacitySurvey {
  /** Aborts what is being asked, and asks no more. */
  stop(): void;
}

interface Waiter {
  readonly newerThan: number;
  readonly done: () => void;
}

interface State {
  readonly options: CapacitySurveyOptions;
  readonly answers: Map<string, ClusterCapacity>;
  readonly waiting: Map<string, Waiter[]>;
  readonly stopping: AbortController;
  cluster: ClusterPart | undefined;
  asking: boolean;
  forget: () => void;
}

/** A survey that asks one question at a time, of pages, and keeps of the answers only what a verdict reads. */
export function createCapacitySurvey(options: CapacitySurveyOptions): RunningSurvey {
  const state: State = {
    options,
    answers: new Map(),
    waiting: new Map(),
    stopping: new AbortController(),
    cluster: undefined,
    asking: false,
    forget: () => undefined,
  };
  return {
    latest(namespace) {
      const answer = state.answers.get(namespace);
      return answer === undefined ? unasked : known(answer);
    },
    refresh(namespace, newerThan, done) {
      if (state.stopping.signal.aborted) return;
      forgetLater(state);
      if (isRecent(state, state.answers.get(namespace), newerThan)) {
        done();
        return;
      }
      state.waiting.set(namespace, [...(state.waiting.get(namespace) ?? []), { newerThan, done }]);
      if (!state.asking) void work(state);
    },
    stop() {
      state.stopping.abort(new Error('the process is stopping'));
      state.waiting.clear();
      state.forget();
    },
  };
}

function isRecent({ options }: State, part: { readonly takenAt: number } | undefined, newerThan: number): boolean {
  return part !== undefined && part.takenAt > newerThan && options.time.now() - part.takenAt <= KEPT_MS;
}

function forgetLater(state: State): void {
  state.forget();
  state.forget = state.options.time.after(FORGOTTEN_MS, () => {
    state.answers.clear();
    state.cluster = undefined;
  });
}

/** Answers the namespaces that wait, one after the other, until none does. */
async function work(state: State): Promise<void> {
  state.asking = true;
  for (let next = takeNext(state); next !== undefined; next = takeNext(state)) {
    const [namespace, waiters] = next;
    const newerThan = Math.max(...waiters.map((waiter) => waiter.newerThan));
    if (!isRecent(state, state.answers.get(namespace), newerThan)) await answer(state, namespace, newerThan);
    if (!state.stopping.signal.aborted) for (const { done } of waiters) done();
  }
  state.asking = false;
}

function takeNext({ waiting }: State): [string, readonly Waiter[]] | undefined {
  const [next] = waiting;
  if (next !== undefined) waiting.delete(next[0]);
  return next;
}

async function answer(state: State, namespace: string, newerThan: number): Promise<void> {
  const { options, stopping } = state;
  const { signal, cancel } = limited(options.time, [stopping.signal]);
  try {
    const kept = isRecent(state, state.cluster, newerThan) ? state.cluster : undefined;
    const cluster = kept ?? (await askCluster(options, signal));
    state.cluster = cluster;
    state.answers.set(namespace, await askNamespace(options, namespace, cluster, signal));
  } finally {
    cancel();
  }
}
