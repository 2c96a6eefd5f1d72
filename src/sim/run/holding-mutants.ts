import type { FlinkReconciler } from '../../flink/controller.ts';
import type { OperatorParts } from '../kube/operator-life.ts';
import type { Mutant } from './mutations.ts';

const DAY_MS = 86_400_000;

/** Does not hear that something is gone. */
function unaware(parts: OperatorParts): OperatorParts {
  const { caches } = parts;
  return {
    ...parts,
    caches: {
      ...caches,
      watch: (spec, listener) =>
        caches.watch(spec, (event) => {
          if (event.type !== 'deleted') listener(event);
        }),
    },
  };
}

/** Looks a day later whether an event is still true, whatever becomes of its resource. */
function noting(parts: OperatorParts): OperatorParts {
  const { events, time } = parts;
  return {
    ...parts,
    events: {
      ...events,
      record(about, event) {
        time.after(DAY_MS, () => undefined);
        events.record(about, event);
      },
    },
  };
}

/** Asks a JobManager the same in many requests at once. */
function impatient(reconciler: FlinkReconciler): FlinkReconciler {
  return {
    ...reconciler,
    async ask(...asked) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => reconciler.ask(...asked)));
      return answers[0] as (typeof answers)[number];
    },
  };
}

/** Bugs by which the operator holds ever more. */
export const HOLDING_MUTANTS: readonly Mutant[] = [
  {
    name: 'remembers what is gone',
    rule: 'I15',
    scenario: 'native, savepoint: delete',
    mutateParts: unaware,
  },
  {
    name: 'sets timers that nothing takes back',
    rule: 'I15',
    scenario: 'native, savepoint: delete',
    mutateParts: noting,
  },
  {
    name: 'has many requests to one JobManager at once',
    rule: 'I15',
    scenario: 'native, savepoint: upgrade',
    mutate: impatient,
  },
];
