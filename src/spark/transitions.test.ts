import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../core/testing/merged.ts';
import { decideFailed } from './decide.ts';
import { UNSEEN } from './observed.ts';
import { APPLICATION_STATES, type ApplicationState, type SparkApplicationSpec } from './schema.ts';
import { situationOf } from './situation.ts';
import { driver, endedDriver, type Given, NOW, plan, resourceOf } from './testing/pass.ts';

/*
 * The diagram of states in the reference page has the transitions that decisions make, and no others: every state is
 * looked at with every driver, wish and restart policy.
 */

type Spec = DeepPartial<SparkApplicationSpec>;

const POLICIES: readonly Spec[] = [
  {},
  {
    restartPolicy: {
      type: 'OnFailure',
      onFailureRetries: 1,
      onSubmissionFailureRetries: 1,
      onFailureRetryInterval: 600,
      onSubmissionFailureRetryInterval: 600,
    },
  },
  { restartPolicy: { type: 'Always' } },
];

const WISHES: readonly Spec[] = [{}, { suspend: true }, { arguments: ['other'] }, { mode: 'client' }];

const DRIVERS = [
  [],
  [driver('Pending')],
  [driver('Running')],
  [driver('Unknown')],
  [endedDriver({ exitCode: 0 }, 'Succeeded')],
  [endedDriver({ exitCode: 1, reason: 'Error' })],
];

/** States that only the Kubeflow Spark Operator, or a SparkConnect, is in. */
const FOREIGN: readonly ApplicationState[] = ['SUCCEEDING', 'RESUMING'];

function situations(): readonly (Given & { readonly state: ApplicationState })[] {
  const states = APPLICATION_STATES.filter((state) => !FOREIGN.includes(state));
  return states.flatMap((state) =>
    POLICIES.flatMap((policy) =>
      WISHES.flatMap((wish) =>
        DRIVERS.flatMap((drivers) =>
          [true, false].map((seen) => ({
            state,
            seen,
            spec: { ...policy, ...wish },
            recorded: policy,
            observed: { drivers },
          })),
        ),
      ),
    ),
  );
}

/** Every transition that a pass makes, as the diagram writes it. */
function transitions(): readonly string[] {
  const found = [...situations()].flatMap(({ state, ...given }) => {
    const next = plan({ state, ...given }).status?.applicationState?.state ?? state;
    return next === state ? [] : [`${state || '[*]'} --> ${next}`];
  });
  const refused = decideFailed(situationOf(resourceOf({ state: 'SUBMITTED', seen: false }), UNSEEN, NOW), {
    kind: 'stalled',
    reason: 'Invalid',
    message: 'no',
  });
  return [...new Set([...found, `SUBMITTED --> ${refused?.status?.applicationState?.state}`])];
}

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/sparkapplication.md'), 'utf8');
const lines = (/stateDiagram-v2\n([^`]*)/.exec(page)?.[1] ?? '').split('\n').map((line) => line.trim());

/** States that a name in the diagram stands for: its own, or those written between its braces. */
function membersOf(name: string): readonly string[] {
  const start = lines.findIndex((line) => line.endsWith(` as ${name} {`));
  if (start < 0) return [name];
  const end = lines.findIndex((_line, index) => index > start && depth(start, index) === 0);
  const words = lines.slice(start + 1, end).flatMap((line) => line.split(/[ :]+/));
  return APPLICATION_STATES.filter((state) => state !== '' && words.includes(state));
}

function depth(start: number, end: number): number {
  const between = lines.slice(start, end + 1);
  return between.filter((line) => line.endsWith('{')).length - between.filter((line) => line === '}').length;
}

/** Each arrow of the diagram with all transitions it stands for. */
const arrows = lines
  .flatMap((line) => {
    const [, from, to] = /^(\S+) --> (\S+?):/.exec(line) ?? [];
    return from === undefined || to === undefined ? [] : [{ line, from: membersOf(from), to: membersOf(to) }];
  })
  .map(({ line, from, to }) => ({ line, stands: from.flatMap((a) => to.map((b) => `${a} --> ${b}`)) }));

describe('the diagram of states', () => {
  const made = transitions();

  it('has every transition', () => {
    expect(made.filter((one) => !arrows.some(({ stands }) => stands.includes(one)))).toEqual([]);
  });

  it('has no other', () => {
    expect(arrows.filter(({ stands }) => !stands.some((one) => made.includes(one))).map(({ line }) => line)).toEqual(
      [],
    );
    expect(arrows.length).toBeGreaterThan(30);
  });
});
