import { expect, it } from 'vitest';
import type { SessionJobReconciler } from '../../flink/session-job/controller.ts';
import { liveFlink } from './flink-life.ts';
import type { Step } from './scenario.ts';
import { createSession, session } from './scenarios/sessions.ts';
import { afterCheckpoints, create, edit, REST } from './scenarios/steps.ts';

const jarOf = (name: string): string => `https://repo.example.com/${name}.jar`;
const to = (name: string, until: Step['until']): Step => edit(`jar ${name}`, { job: { jarURI: jarOf(name) } }, until);
const take: Step = {
  name: 'a jar is not there',
  act: ({ world }) => world.missingJars.add(jarOf('missing')),
  until: 1_000,
};

it.each(['savepoint', 'last-state', 'stateless'] as const)(
  'a jar that is not there is asked for again in its time, another one at once (%s)',
  async (upgradeMode) => {
    const asked: string[] = [];
    let ofMissing: number | undefined;
    const mutateSessionJob = (reconciler: SessionJobReconciler): SessionJobReconciler => ({
      ...reconciler,
      perform(resource, effect, signal) {
        const jar = effect.kind === 'submit' ? effect.submission.jar : 'jar' in effect ? effect.jar : undefined;
        if (jar?.artifact !== undefined) asked.push(jar.artifact.url);
        return reconciler.perform(resource, effect, signal);
      },
    });
    const count: Step = {
      name: 'count',
      act: () => {
        ofMissing = asked.filter((url) => url === jarOf('missing')).length;
      },
      until: 100,
    };
    const variant = { mode: 'native', upgradeMode, job: { jarURI: jarOf('one') } } as const;
    // A failure that only its user can mend is tried again after 2.5 s at the earliest.
    const steps = [createSession, create, afterCheckpoints, take, to('missing', 2_400), count, to('two', REST)];
    const life = session(variant, 'a jar that is not there', steps, { starts: 2 });
    const { violations } = await liveFlink(life, { mutateSessionJob });
    expect(violations).toEqual([]);
    expect([ofMissing, asked.at(-1)]).toEqual([1, jarOf('two')]);
  },
);
