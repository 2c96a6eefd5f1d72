import type { Admission } from '../core/admission.ts';

/** Which requests the API server asks about, as an entry of `rules` of a webhook (admissionregistration.k8s.io/v1). */
export interface WebhookRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
  readonly scope: 'Namespaced';
}

/**
 * The rules for these kinds, one for each group and version: what is created and changed. Deletions are never asked about,
 * nor is what has a subresource in its path, status among them.
 */
export function webhookRules(admissions: readonly Admission[]): readonly WebhookRule[] {
  const resources = new Map<string, string[]>();
  for (const { kind } of admissions) {
    resources.set(kind.apiVersion, [...(resources.get(kind.apiVersion) ?? []), kind.plural]);
  }
  return [...resources].map(([apiVersion, plurals]) => {
    const [group = '', version = ''] = apiVersion.split('/');
    return {
      apiGroups: [group],
      apiVersions: [version],
      operations: ['CREATE', 'UPDATE'],
      resources: plurals,
      scope: 'Namespaced',
    };
  });
}
