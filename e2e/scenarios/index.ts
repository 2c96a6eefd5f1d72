import { autoscaler } from './autoscaler.ts';
import { badInput } from './bad-input.ts';
import { capacity } from './capacity.ts';
import { clusterResilience } from './cluster-resilience.ts';
import { install } from './install.ts';
import { native23, native120 } from './native.ts';
import { operatorPod } from './operator-pod.ts';
import { parallelismOverride } from './parallelism-override.ts';
import { podTrouble } from './pod-trouble.ts';
import { restoreFailure23, restoreFailure120 } from './restore-failure.ts';
import { scaling } from './scaling.ts';
import type { Scenario } from './scenario.ts';
import { sessionLife } from './session.ts';
import { sessionJarInS3 } from './session-s3-jar.ts';
import { sparkGang, sparkVolcano, sparkYunikorn } from './spark-batch.ts';
import { sparkChanges } from './spark-changes.ts';
import { sparkClaims } from './spark-claims.ts';
import { sparkConnect } from './spark-connect.ts';
import { sparkFailures } from './spark-failures.ts';
import { sparkIncumbent } from './spark-incumbent.ts';
import { sparkJvm } from './spark-jvm.ts';
import { sparkKueue } from './spark-kueue.ts';
import { sparkPi35, sparkPi43 } from './spark-pi.ts';
import { sparkSchedule } from './spark-schedule.ts';
import { sparkTakeOver } from './spark-take-over.ts';
import { sparkTrouble } from './spark-trouble.ts';
import { standalone23 } from './standalone.ts';
import { stateFailover } from './state-failover.ts';
import { stateLives } from './state-life.ts';
import { takeOver } from './take-over.ts';
import { twoToOne } from './two-to-one/index.ts';
import { upgradeFromFirst } from './upgrade-from-first.ts';

/** Every scenario, in the order in which they are begun: those that take long first, so that all end together. */
export const scenarios: readonly Scenario[] = [
  operatorPod,
  ...stateLives,
  native23,
  native120,
  restoreFailure23,
  restoreFailure120,
  standalone23,
  capacity,
  sessionLife,
  badInput,
  parallelismOverride,
  sparkPi43,
  sparkPi35,
  podTrouble,
  sparkFailures,
  sparkJvm,
  sparkClaims,
  sparkTrouble,
  sparkChanges,
  sparkConnect,
  sparkSchedule,
  sparkTakeOver,
  sparkIncumbent,
  sparkGang,
  sparkVolcano,
  sparkYunikorn,
  sparkKueue,
  takeOver,
  scaling,
  autoscaler,
  stateFailover,
  twoToOne,
  sessionJarInS3,
  install,
  upgradeFromFirst,
  clusterResilience,
];

/** The named scenarios in the order of the list; without names, those that run by default. Throws for an unknown name. */
export function chooseScenarios(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const known = scenarios.map((scenario) => scenario.name).join(', ');
    throw new Error(`no such scenario: ${unknown.join(', ')} (there are ${known})`);
  }
  return scenarios.filter(({ name, byDefault }) => (names.length === 0 ? byDefault : names.includes(name)));
}
