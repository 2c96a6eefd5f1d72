import * as z from 'zod';
import { firstPositions } from '../lib/first-positions.ts';
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

/** Numbers and booleans without quotes are refused by the API server, of native TaskManagers only by Flink. */
function envValue(): z.ZodString {
  return z.string({ error: 'be a text, in quotes' });
}

function item<Name extends z.ZodType>(itemName: Name, named: boolean): Name | z.ZodOptional<Name> {
  return named ? itemName : itemName.optional();
}

function container(named: boolean) {
  return group({
    name: item(name(), named),
    image: text().optional(),
    command: list(text()).optional(),
    args: list(text()).optional(),
    env: list(
      group({ name: item(given('name an environment variable'), named), value: envValue().optional() }),
    ).optional(),
    ports: list(anObject()).optional(),
    resources: anObject().optional(),
    volumeMounts: list(
      group({ name: item(name(), named), mountPath: item(given('be a path in the container'), named) }),
    ).optional(),
  });
}

function anObject() {
  return group({});
}

function templateSchema(named: boolean) {
  return group({
    metadata: group({ labels: textMap().optional(), annotations: textMap().optional() }).optional(),
    spec: group({
      containers: list(container(named)).optional(),
      initContainers: list(container(named)).optional(),
      volumes: list(group({ name: item(name(), named) })).optional(),
      nodeSelector: textMap().optional(),
      tolerations: list(anObject()).optional(),
      imagePullSecrets: list(anObject()).optional(),
      serviceAccountName: text().optional(),
    }).optional(),
  });
}

const Template = templateSchema(true);
const Overlay = templateSchema(false);

/**
 * What is malformed in a pod template: the parts a merge relies on (maps of texts, lists whose items have names, names
 * unique) are checked, the rest is the API server's to judge when the pod is made. Items of an `overlay`, which may be
 * merged by position over those of another template, need no name.
 */
export function podTemplateProblems(
  template: unknown,
  root: readonly PropertyKey[],
  kind: 'whole' | 'overlay' = 'whole',
): readonly SchemaProblem[] {
  const problems = schemaProblems(kind === 'whole' ? Template : Overlay, template, root);
  return problems.length > 0 ? problems : duplicates(template as z.infer<typeof Overlay>, root);
}

function duplicates(template: z.infer<typeof Overlay>, root: readonly PropertyKey[]): readonly SchemaProblem[] {
  return (['containers', 'initContainers', 'volumes'] as const).flatMap((field) => {
    const names = (template.spec?.[field] ?? []).map(({ name }) => name);
    const first = firstPositions(names);
    return names.flatMap((item, index) =>
      item === undefined || first.get(item) === index
        ? []
        : schemaProblems(unique, item, [...root, 'spec', field, index, 'name']),
    );
  });
}

const unique = z.never({ error: 'be different from the names before it' });
