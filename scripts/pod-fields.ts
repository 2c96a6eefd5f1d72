import * as models from '@kubernetes/client-node/dist/gen/models/all.js';

/** What is read of a model of client-node. */
interface Model {
  getAttributeTypeMap?(): readonly { readonly baseName: string; readonly type: string }[];
}

const HEAD = `// Generated from the models of @kubernetes/client-node by \`npm run generate\`; edit scripts/pod-fields.ts, not this file.

/** The fields of each type of Kubernetes that a pod consists of, one type a line: its name, then \`field\` or \`field:type of what is in it\`. */
export const POD_FIELDS = \`
`;

/** src/kube/pod-fields.ts: the names of all fields a pod template may have. */
export function podFields(): string {
  const types = new Map<string, string>();
  collect('ObjectMeta', types);
  collect('PodSpec', types);
  const lines = [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, fields]) => `${name} ${fields}\n`);
  return `${HEAD}${lines.join('')}\`;\n`;
}

/** Adds a type and those of its fields. */
function collect(name: string, types: Map<string, string>): void {
  if (types.has(name)) return;
  const attributes = modelOf(name)?.getAttributeTypeMap?.() ?? [];
  const fields = attributes.map(({ baseName, type }) => ({ baseName, of: typeOf(type) }));
  types.set(name, fields.map(({ baseName, of }) => (of === undefined ? baseName : `${baseName}:${of}`)).join(' '));
  for (const { of } of fields) if (of !== undefined) collect(of, types);
}

/** The type of what is in a field, single or in a list; undefined for texts, numbers and maps. */
function typeOf(type: string): string | undefined {
  const name = /^(?:Array<)?V1(\w+?)>?$/.exec(type)?.[1];
  return name === undefined || modelOf(name) === undefined ? undefined : name;
}

function modelOf(name: string): Model | undefined {
  return (models as Record<string, Model | undefined>)[`V1${name}`];
}
