/** How Kubernetes refuses a pod whose service account is not there (admission plugin ServiceAccount, 1.34). */
const NO_ACCOUNT = /error looking up service account .*: serviceaccount "[^"]+" not found/;

/** A refusal of Kubernetes, with what to do behind it where a service account is missing. `field` names the account. */
export function withAccountHint(refusal: string, field: string): string {
  if (!NO_ACCOUNT.test(refusal)) return refusal;
  return `${refusal}; make it in that namespace (docs/watch-scope.md), or name another one in ${field}`;
}
