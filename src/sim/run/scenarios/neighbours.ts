import { sessionJob, type Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { crash, createSession, editSession, session, upgrade } from './sessions.ts';
import { afterCheckpoints, create, REST, remove } from './steps.ts';

const createOther: Step = { name: 'create the other job', act: (stage) => stage.neighbour?.create(), until: REST };
const removeOther: Step = { name: 'delete the other job', act: (stage) => stage.neighbour?.remove(), until: REST };
const upgradeOther: Step = {
  name: 'new arguments of the other job',
  act: (stage) => stage.neighbour?.edit({ job: { args: ['2'] } }),
  until: REST,
};
const upgradeSession = editSession('new image of the session', { image: 'jobs:2' }, REST);
const BEGUN: readonly Step[] = [createSession, create, createOther, afterCheckpoints];

const STATELESS: Variant = { mode: 'native', upgradeMode: 'stateless', ha: false };
const SAVEPOINT: Variant = { mode: 'native', upgradeMode: 'savepoint' };
const LAST_STATE: Variant = { mode: 'native', upgradeMode: 'last-state' };

/** Two jobs on one session: what is done to one leaves the other alone, and what happens to the session both get over. */
export const NEIGHBOUR_LIVES: readonly Scenario[] = [
  two(SAVEPOINT, 'upgraded while another job runs on', [...BEGUN, upgrade()], { starts: 1 }),
  two(SAVEPOINT, 'deleted while another job runs on', [...BEGUN, remove], { starts: 1 }),
  two(SAVEPOINT, 'upgraded while another job is deleted', [...BEGUN, upgrade(900), removeOther], { starts: 1 }),
  two(LAST_STATE, 'upgraded at once with another job', [...BEGUN, upgrade(200), upgradeOther], { starts: 2 }),
  ...[STATELESS, SAVEPOINT, LAST_STATE].map((variant) =>
    two(variant, 'its session upgraded beneath two jobs', [...BEGUN, upgradeSession]),
  ),
  two(SAVEPOINT, 'JobManager crashes beneath two jobs', [...BEGUN, upgrade(900), crash]),
];

function two(
  variant: Variant,
  life: string,
  steps: readonly Step[],
  { starts }: { readonly starts?: number } = {},
): Scenario {
  const { resource } = sessionJob({ ...variant, job: { entryClass: 'dev.weir.Views' } });
  const other = { ...resource, metadata: { ...resource.metadata, name: 'views' } };
  return session(variant, life, steps, { neighbour: { resource: other, ...(starts === undefined ? {} : { starts }) } });
}
