import { readFile } from 'node:fs/promises';
import { dump } from 'js-yaml';
import { NAMESPACE } from '../../bench/api.ts';
import { type ControlPlane, startControlPlane } from '../../bench/control-plane.ts';
import { operatorAccess } from '../../src/operator-access.ts';
import { programs } from '../cluster/programs.ts';
import { createOperatorAccount, type OperatorAccount, operatorUser } from '../kit/operator-account.ts';
import { run } from '../lib/run.ts';

/** A namespace that enforces the restricted profile. */
export const RESTRICTED = 'weir-restricted';
/** A namespace nobody attacks from. */
export const VICTIM = 'victim';

/** One request of the operator, as the API server wrote it down. */
export interface Asked {
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
}

/** A control plane on which the operator has an account with the rights that are generated for it, and nothing more. */
export interface World {
  readonly plane: ControlPlane;
  readonly account: OperatorAccount;
  /** Everything the operator asked for so far. */
  asked(): Promise<readonly Asked[]>;
  /** Runs kubectl as administrator. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
}

/** Starts the control plane, makes the namespaces and the account. */
export async function startWorld(): Promise<World> {
  const plane = await startControlPlane([], { auditedUser: operatorUser(NAMESPACE) });
  const { kubectl: program } = await programs(['kubectl']);
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    run(program, ['--kubeconfig', plane.kubeconfigPath, ...args], input === undefined ? {} : { input });
  const enforce = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespaces = [{ name: VICTIM }, { name: RESTRICTED, labels: enforce }].map((metadata) =>
    dump({ apiVersion: 'v1', kind: 'Namespace', metadata }),
  );
  await kubectl(['apply', '-f', '-'], namespaces.join('---\n'));
  return {
    plane,
    account: await createOperatorAccount(plane, operatorAccess()),
    kubectl,
    asked: async () => {
      const text = await readFile(plane.auditLog, 'utf8');
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Asked);
    },
  };
}
