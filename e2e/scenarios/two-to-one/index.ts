import { installOperator, uninstallOperator } from '../../kit/operator.ts';
import { sessionJobTarget } from '../../kit/session.ts';
import { snapshotTarget } from '../../kit/snapshot.ts';
import { deleteFlink } from '../life.ts';
import type { Scenario } from '../scenario.ts';
import { deleteSpark } from '../spark-life.ts';
import { LEFT, scheduleTarget, startFlink } from './left.ts';
import { backOut, edits, leaveAll, move, moveAgain } from './steps.ts';
import { beginWalk, NAMESPACES } from './walk.ts';

/** The page about the move, walked through on one cluster: there, back, and there again. */
export const twoToOne: Scenario = {
  name: 'two-to-one',
  summary:
    'every command of docs/from-two-operators.md over what both old operators leave, real Flink 2.3 and Spark 4.3: no restart, edits, back and again',
  images: ['flink-2.3.0', 'spark-4.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    const { stage, operator, namespace, kube } = context;
    const running = await startFlink(context);
    await uninstallOperator(stage, operator.namespace);
    const walk = beginWalk(context);
    try {
      await leaveAll(context, walk, running);
      await move(context, walk, running);
      await edits(context);
      await backOut(context, walk);
      await moveAgain(context, walk);
    } finally {
      await walk.end();
      for (const name of Object.values(NAMESPACES)) await kube.delete({ plural: 'namespaces', name });
      await installOperator(stage, operator.namespace);
    }
    await deleteSpark(context, LEFT.spark);
    await kube.delete(scheduleTarget(namespace));
    await kube.delete(snapshotTarget(namespace, LEFT.snapshot));
    await kube.delete(sessionJobTarget(namespace, LEFT.sessionJob));
    await deleteFlink(context, LEFT.flink);
    await deleteFlink(context, LEFT.session);
  },
};
