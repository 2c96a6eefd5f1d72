import type { KubeObject, ObjectRef } from '../../src/kube/object.ts';
import { admissionsOf } from '../../src/operator-webhook.ts';
import { webhookRules } from '../../src/webhook/configuration.ts';

const KIND = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' } as const;

/** Where a webhook configuration is. */
export function webhookRef(name: string): ObjectRef {
  return { ...KIND, name };
}

/** A webhook configuration like the chart's, for webhooks that are found by URL, by the names of its webhooks. */
export function webhookConfiguration(
  name: string,
  urls: Readonly<Record<string, string>>,
  failurePolicy: 'Fail' | 'Ignore',
): KubeObject & { readonly webhooks: readonly object[] } {
  const webhooks = Object.entries(urls).map(([webhook, url]) => ({
    name: webhook,
    clientConfig: { url },
    rules: webhookRules(admissionsOf()),
    failurePolicy,
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 5,
    admissionReviewVersions: ['v1'],
  }));
  return { ...KIND, metadata: { name }, webhooks };
}

/** What an error of the client tells of a refusal by a webhook; undefined when it was none. */
export function deniedWith(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  return /admission webhook "[^"]+" denied the request: ([\s\S]*) \(HTTP 422 Invalid\)$/.exec(text)?.[1];
}
