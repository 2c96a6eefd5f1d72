import { findCondition } from '../../src/kube/conditions.ts';
import { describeFlink, flinkDeployment, readFlink } from '../kit/flink.ts';
import { eventsAbout } from './events.ts';
import { deleteFlink } from './life.ts';
import { expectEqual, type Scenario } from './scenario.ts';

const name = 'override';

/** A program that sets its own parallelism: the resource must say what that amounts to. */
export const parallelismOverride: Scenario = {
  name: 'parallelism-override',
  summary: 'the code sets parallelism 7 where the yaml says 2: condition, event and status give the real numbers',
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: false,
  async run(context) {
    const { kube, namespace } = context;
    await kube.apply(
      flinkDeployment({
        name,
        namespace,
        image: context.flinkImage('2.3.0'),
        flinkVersion: 'v2_3',
        flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '3' },
        job: {
          jarURI: 'local:///opt/flink/examples/weir/weir-jobs.jar',
          entryClass: 'dev.weir.jobs.OverriddenParallelism',
          args: ['--parallelism', '7'],
          parallelism: 2,
        },
      }),
    );
    const { status } = await context.until('all 21 tasks to run', async () => {
      const seen = await readFlink(kube, namespace, name);
      const done =
        seen?.status.tasks?.running === 21 && findCondition(seen.status.conditions, 'Ready')?.status === 'True';
      return seen !== undefined && done ? { done: seen } : { not: describeFlink(seen) };
    });
    const { total, maxParallelism } = status.tasks ?? {};
    expectEqual('status.tasks total, maxParallelism', [total, maxParallelism], [21, 7]);
    const expected =
      "the job's code sets its own parallelism: it needs 7 slots where the spec asks for 2, " +
      'so 3 TaskManagers of 3 slots instead of 1 (21 tasks in all); ' +
      'remove setParallelism from the code or set the same number in spec.job.parallelism';
    const condition = findCondition(status.conditions, 'ParallelismOverridden');
    expectEqual('condition ParallelismOverridden', [condition?.status, condition?.message], ['True', expected]);
    await context.until('the event ParallelismOverridden', async () => {
      const found = await eventsAbout(kube, namespace, name, 'ParallelismOverridden');
      const done = found.length === 1 && found[0]?.message === expected;
      return done ? { done } : { not: JSON.stringify(found) };
    });
    const pods = await kube.list('pods', namespace, `app=${name},component=taskmanager`);
    expectEqual('TaskManager pods', pods.length, 3);
    await deleteFlink(context, name);
  },
};
