import { z } from 'zod';
import { isDnsLabel } from './names.ts';
import { type SchemaProblem, schemaProblems } from './parse.ts';
import { group, list, text, textMap } from './schema-parts.ts';

const NAME_RULE = "be a name of at most 63 lower-case letters, digits and '-'";

function name(): z.ZodString {
  return z.string({ error: NAME_RULE }).refine(isDnsLabel, { error: NAME_RULE });
}

function given(rule: string): z.ZodString {
  return z.string({ error: rule }).min(1, { error: rule });
}

const Container = group({
  name: name(),
  image: text().optional(),
  command: list(text()).optional(),
  args: list(text()).optional(),
  env: list(group({ name: given('name an environment variable') })).optional(),
  ports: list(z.looseObject({}, { error: 'be an object' })).optional(),
  resources: z.looseObject({}, { error: 'be an object' }).optional(),
  volumeMounts: list(group({ name: name(), mountPath: given('be a path in the container') })).optional(),
});

const Template = group({
  metadata: group({ labels: textMap().optional(), annotations: textMap().optional() }).optional(),
  spec: group({
    containers: list(Container).optional(),
    initContainers: list(Container).optional(),
    volumes: list(group({ name: name() })).optional(),
    nodeSelector: textMap().optional(),
    tolerations: list(z.looseObject({}, { error: 'be an object' })).optional(),
    imagePullSecrets: list(z.looseObject({}, { error: 'be an object' })).optional(),
    serviceAccountName: text().optional(),
  }).optional(),
});

/**
 * What is malformed in a pod template: the parts a merge relies on (maps of texts, lists whose items have names, names
 * unique) are checked, the rest is the API server's to judge when the pod is made.
 */
export function podTemplateProblems(template: unknown, root: readonly PropertyKey[]): readonly SchemaProblem[] {
  const problems = schemaProblems(Template, template, root);
  return problems.length > 0 ? problems : duplicates(template as z.infer<typeof Template>, root);
}

function duplicates(template: z.infer<typeof Template>, root: readonly PropertyKey[]): readonly SchemaProblem[] {
  return (['containers', 'initContainers', 'volumes'] as const).flatMap((field) => {
    const names = (template.spec?.[field] ?? []).map((item) => item.name);
    return names.flatMap((item, index) =>
      names.indexOf(item) === index ? [] : schemaProblems(unique, item, [...root, 'spec', field, index, 'name']),
    );
  });
}

const unique = z.never({ error: 'be different from the names before it' });
