import { expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { liveFlink } from './flink-life.ts';
import type { Step } from './scenario.ts';
import { BEGUN, editSession, session } from './scenarios/sessions.ts';
import { REST } from './scenarios/steps.ts';
import type { Stage } from './stage.ts';

it('a session without high availability is left alone, and its job with it, until the job is suspended', async () => {
  let seen: KubeObject | undefined;
  const look = (stage: Stage): void => {
    seen = stage.stored();
  };
  const variant = { mode: 'native', upgradeMode: 'savepoint', ha: false } as const;
  const edit = editSession('new image of the session', { image: 'jobs:2' }, REST);
  const steps: readonly Step[] = [...BEGUN, edit, { name: 'look', act: look, until: REST }];
  const { violations, end } = await liveFlink(session(variant, 'its session edited', steps, { starts: 1 }));
  expect(violations).toEqual([]);
  expect(seen?.status).toMatchObject({ jobStatus: { state: 'RUNNING' } });
  expect(end.join('\n')).toContain('WaitingForSessionJobs');
});
