import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

/** What each layer may import: other layers, and packages from outside (`types:` means types only). */
const LAYERS: Readonly<Record<string, { layers: readonly string[]; packages: readonly string[] }>> = {
  lib: { layers: [], packages: ['node:crypto', 'croner'] },
  kube: { layers: ['lib'], packages: ['zod', 'types:@kubernetes/client-node'] },
  core: { layers: ['kube', 'lib'], packages: [] },
  metrics: { layers: ['lib'], packages: ['prom-client'] },
  flink: {
    layers: ['core', 'kube', 'lib'],
    packages: ['zod', 'js-yaml', 'node:zlib', 'types:@kubernetes/client-node'],
  },
  spark: { layers: ['core', 'kube', 'lib'], packages: ['zod', 'js-yaml', 'types:@kubernetes/client-node'] },
  runtime: {
    layers: ['core', 'kube', 'lib', 'metrics'],
    packages: ['@kubernetes/client-node/dist/*', 'types:undici', 'undici/lib/*', 'aws4', 'pino', 'js-yaml', 'node:*'],
  },
  webhook: {
    layers: ['core', 'kube', 'lib', 'runtime', 'metrics'],
    packages: ['zod', '@peculiar/x509', 'reflect-metadata', 'node:crypto', 'node:fs', 'node:net', 'node:path'],
  },
  sim: {
    layers: ['core', 'kube', 'lib', 'metrics', 'runtime', 'flink', 'spark'],
    packages: ['zod', 'js-yaml', 'commander', 'node:*'],
  },
  'config-values.ts': { layers: ['lib', 'kube'], packages: ['zod'] },
  'config-spark.ts': { layers: ['lib', 'config-values.ts'], packages: ['zod'] },
  'config-webhook.ts': { layers: ['config-values.ts'], packages: ['zod'] },
  'config-tracing.ts': { layers: [], packages: ['zod'] },
  'config-metrics.ts': { layers: ['config-values.ts'], packages: ['zod'] },
  'config.ts': {
    layers: [
      'lib',
      'kube',
      'config-values.ts',
      'config-spark.ts',
      'config-webhook.ts',
      'config-metrics.ts',
      'config-tracing.ts',
    ],
    packages: ['zod'],
  },
  'operator-webhook.ts': {
    layers: [
      'core',
      'kube',
      'lib',
      'metrics',
      'runtime',
      'flink',
      'spark',
      'webhook',
      'config.ts',
      'config-webhook.ts',
    ],
    packages: [],
  },
  'operator-metrics.ts': { layers: ['kube', 'metrics', 'runtime', 'flink', 'spark', 'config.ts'], packages: [] },
  'operator-configuration.ts': {
    layers: ['core', 'metrics', 'runtime', 'flink', 'spark', 'config.ts'],
    packages: [],
  },
  'operator-access.ts': { layers: ['core', 'runtime', 'flink', 'spark', 'config.ts'], packages: [] },
  'operator.ts': {
    layers: [
      'core',
      'kube',
      'lib',
      'metrics',
      'runtime',
      'flink',
      'spark',
      'config.ts',
      'operator-access.ts',
      'operator-configuration.ts',
      'operator-metrics.ts',
      'operator-webhook.ts',
    ],
    packages: ['@kubernetes/client-node', 'pino'],
  },
  cli: {
    layers: [
      'core',
      'kube',
      'lib',
      'metrics',
      'runtime',
      'flink',
      'spark',
      'config.ts',
      'config-spark.ts',
      'operator.ts',
      'operator-access.ts',
    ],
    packages: ['commander', 'js-yaml', 'picocolors', 'zod', 'node:*'],
  },
  'main.ts': { layers: ['cli'], packages: [] },
};

/** Layers whose files decide or build: no I/O, no clock, no chance, no logger, except in the files named here. */
const PURE = ['lib', 'kube', 'core', 'flink', 'spark', 'webhook'];
const SHELL_FILES =
  /(^|\/)(observe|controller|[a-z-]*-client)\.ts$|^webhook\/(issue|keeper|server)\.ts$|^core\/execute\.ts$|^core\/ports\.ts$|^core\/reconciler\.ts$/;
const IMPURE =
  /\basync\b|\bawait\b|\bfetch\(|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bset(Timeout|Interval|Immediate)\b|\bconsole\./;

/** Size limits; a limit is changed here, in a reviewed line, and never waived in a comment. */
const LIMITS = { fileLines: 300, testFileLines: 600, functionLines: 50, complexity: 10, parameters: 4 };

interface SourceFile {
  readonly path: string;
  readonly layer: string;
  readonly text: string;
  readonly test: boolean;
}

const root = import.meta.dirname;
const files = readSources(root);

function readSources(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = relative(root, join(entry.parentPath, entry.name));
      const test = /\.test\.ts$|(^|\/)testing(\/|\.ts$)|\.contract\.ts$/.test(path);
      return { path, layer: path.split('/')[0] ?? path, text: readFileSync(join(root, path), 'utf8'), test };
    })
    .filter((file) => file.path !== 'architecture.test.ts');
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const BRANCHES = new Set([
  'IfStatement',
  'ConditionalExpression',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'CatchClause',
]);

/** Cyclomatic complexity of one function, nested functions not counted. */
function complexityOf(node: Node): number {
  const own =
    BRANCHES.has(node.type) ||
    (node.type === 'SwitchCase' && isNode(node.test)) ||
    (node.type === 'LogicalExpression' && node.operator !== '??')
      ? 1
      : 0;
  return childrenOf(node).reduce((sum, child) => sum + (FUNCTIONS.has(child.type) ? 0 : complexityOf(child)), own);
}

function functionsIn(node: Node): Node[] {
  return [...(FUNCTIONS.has(node.type) ? [node] : []), ...childrenOf(node).flatMap(functionsIn)];
}

function parse(file: SourceFile): Node {
  const result = parseSync(file.path, file.text);
  if (result.errors.length > 0) throw new Error(`${file.path}: ${result.errors[0]?.message}`);
  return result.program as unknown as Node;
}

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

function importsOf(file: SourceFile): Import[] {
  const { module } = parseSync(file.path, file.text);
  const statics = module.staticImports.map((item) => ({
    from: item.moduleRequest.value,
    typeOnly: item.entries.length > 0 && item.entries.every((entry) => entry.isType),
  }));
  const reexports = module.staticExports.flatMap((item) =>
    item.entries.flatMap((entry) =>
      entry.moduleRequest ? [{ from: entry.moduleRequest.value, typeOnly: entry.isType }] : [],
    ),
  );
  return [...statics, ...reexports];
}

function layerOfImport(file: SourceFile, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined;
  return join(dirname(file.path), from).split('/')[0];
}

function allowsPackage(rules: readonly string[], item: Import): boolean {
  return rules.some((rule) => {
    const [typesOnly, name] = rule.startsWith('types:') ? [true, rule.slice(6)] : [false, rule];
    if (typesOnly && !item.typeOnly) return false;
    return name.endsWith('*') ? item.from.startsWith(name.slice(0, -1)) : item.from === name;
  });
}

function layerViolations(file: SourceFile): string[] {
  const rule = LAYERS[file.layer];
  if (rule === undefined) return [`${file.path}: no layer "${file.layer}" in the table`];
  return importsOf(file).flatMap((item) => {
    const layer = layerOfImport(file, item.from);
    if (layer === undefined) return allowsPackage(rule.packages, item) ? [] : [`${file.path} imports ${item.from}`];
    return layer === file.layer || rule.layers.includes(layer) ? [] : [`${file.path} imports layer ${layer}`];
  });
}

/** Text without comments and string contents, so that prose does not count as code. */
function codeOnly(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

function testingImports(file: SourceFile): string[] {
  return importsOf(file)
    .filter((item) => item.from.startsWith('.') && /(^|\/)testing(\/|\.ts$)/.test(item.from))
    .map((item) => `${file.path} imports ${item.from}`);
}

function cycles(): string[] {
  const graph = new Map(
    files
      .filter((file) => !file.test)
      .map((file) => [
        file.path,
        importsOf(file)
          .filter((item) => item.from.startsWith('.'))
          .map((item) => join(dirname(file.path), item.from)),
      ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

describe('architecture', () => {
  const production = files.filter((file) => !file.test);

  it('imports go in one direction only', () => {
    expect(production.flatMap(layerViolations)).toEqual([]);
  });

  it('has no import cycles, types included', () => {
    expect(cycles()).toEqual([]);
  });

  it('nothing outside tests imports testing code', () => {
    expect(production.flatMap(testingImports)).toEqual([]);
  });

  it('decisions and builders are pure', () => {
    const impure = production
      .filter((file) => PURE.includes(file.layer) && !SHELL_FILES.test(file.path))
      .filter((file) => IMPURE.test(codeOnly(file.text)))
      .map((file) => `${file.path}: ${codeOnly(file.text).match(IMPURE)?.[0]}`);
    expect(impure).toEqual([]);
  });

  it('files stay small', () => {
    const long = files.filter(
      (file) => file.text.split('\n').length > (file.test ? LIMITS.testFileLines : LIMITS.fileLines),
    );
    expect(long.map((file) => `${file.path}: ${file.text.split('\n').length} lines`)).toEqual([]);
  });

  it('functions stay small and simple', () => {
    const bad = production.flatMap((file) =>
      functionsIn(parse(file)).flatMap((node) => {
        const lines = file.text.slice(node.start, node.end).split('\n').length;
        const complexity =
          1 + childrenOf(node).reduce((sum, child) => sum + (FUNCTIONS.has(child.type) ? 0 : complexityOf(child)), 0);
        const parameters = (node.params as unknown as unknown[] | undefined)?.length ?? 0;
        const where = `${file.path}:${file.text.slice(0, node.start).split('\n').length}`;
        return [
          ...(lines > LIMITS.functionLines ? [`${where}: ${lines} lines`] : []),
          ...(complexity > LIMITS.complexity ? [`${where}: complexity ${complexity}`] : []),
          ...(parameters > LIMITS.parameters ? [`${where}: ${parameters} parameters`] : []),
        ];
      }),
    );
    expect(bad).toEqual([]);
  });

  it('flink and spark have the same file names where both have the concern', () => {
    const names = (layer: string): string[] =>
      production.filter((file) => file.layer === layer).map((file) => file.path.split('/')[1] ?? '');
    const [flink, spark] = [new Set(names('flink')), new Set(names('spark'))];
    const shared = [
      'schema.ts',
      'validate.ts',
      'observe.ts',
      'observed.ts',
      'decide.ts',
      'policies',
      'desired',
      'status.ts',
      'events.ts',
      'admission.ts',
      'controller.ts',
    ];
    for (const [engine, has] of Object.entries({ flink, spark })) {
      // An engine is whole once it has a controller.
      const missing = has.has('controller.ts') ? shared.filter((name) => !has.has(name)) : [];
      expect(missing, engine).toEqual([]);
    }
  });
});
