import { isRecord } from '../../lib/json.ts';
import type { Intent } from './stage.ts';

/** Specs that were in force at some moment of a time. */
export function inForce(intents: readonly Intent[], fromMs: number, toMs: number): readonly Intent[] {
  return intents.filter(
    (intent, index) => intent.atMs <= toMs && (intents[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) > fromMs,
  );
}

/** spec.job of what a user wanted; empty where there is none. */
export function jobOf(intent: Pick<Intent, 'spec'> | undefined): Readonly<Record<string, unknown>> {
  return isRecord(intent?.spec?.job) ? intent.spec.job : {};
}

/** Its user keeps no state, always or this time. */
export function isFree(intent: Intent): boolean {
  return intent.startsEmpty === true || (jobOf(intent).upgradeMode ?? 'stateless') === 'stateless';
}

/** Its user named other state to go on from, by a new nonce. */
export function namesState(intent: Intent, intents: readonly Intent[]): boolean {
  const { savepointRedeployNonce: nonce } = jobOf(intent);
  const before = jobOf(intents[intents.indexOf(intent) - 1]).savepointRedeployNonce;
  return nonce !== undefined && nonce !== before;
}

/** Its user asked for another run since an earlier one of its job was started, by a new nonce. */
export function runsAnew({ spec }: Intent, intents: readonly Intent[], startedMs: number): boolean {
  const before = inForce(intents, startedMs, startedMs).at(-1)?.spec?.restartNonce;
  return spec?.restartNonce !== undefined && spec.restartNonce !== before;
}
