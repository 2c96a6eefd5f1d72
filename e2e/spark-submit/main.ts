import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { common, type Submitted, submittedOf, without } from '../../src/spark/testing/submitted.ts';
import { startApiServer } from '../cluster/api-server.ts';
import type { SparkVersion } from '../images/images.ts';
import { step } from '../lib/steps.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import { sparkSubmit } from './submit.ts';

const USAGE = `usage: node e2e/bootstrap.mjs e2e/spark-submit/main.ts [NAME ...]

Records what Spark's own spark-submit makes of the specs in src/spark/desired/__recorded__ (all, or those named), with each
version of Spark, on a control plane without nodes. Writes it into their files: "every" is common to all versions.
`;

const folder = join(import.meta.dirname, '../../src/spark/desired/__recorded__');
const versions: readonly SparkVersion[] = ['4.3.0', '3.5.9'];

/** One file: a spec, and how spark-submit is asked for the same. */
interface Spec {
  readonly name?: string;
  readonly application: unknown;
  /** Lines are split at blanks, lists taken as they are. */
  readonly submit: readonly (string | readonly string[])[];
  readonly driverTemplate?: unknown;
  readonly executorTemplate?: unknown;
}

async function submit(recorder: Recorder, version: SparkVersion, spec: Spec): Promise<Submitted> {
  const scratch = await mkdtemp(join(tmpdir(), 'weir-templates-'));
  try {
    const conf = Object.entries(await templates(scratch, spec)).flatMap(([key, value]) => [
      '--conf',
      `${key}=${value}`,
    ]);
    const own = spec.submit.flatMap((part) => (typeof part === 'string' ? part.split(' ') : part));
    const { name = 'app' } = spec;
    recorder.take();
    await sparkSubmit({ url: recorder.url, version, namespace: 'default', name, args: [...conf, ...own] });
    return submittedOf(recorder.take());
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function templates(scratch: string, spec: Spec): Promise<Record<string, string>> {
  const roles = [
    ['driver', spec.driverTemplate],
    ['executor', spec.executorTemplate],
  ] as const;
  const conf: Record<string, string> = {};
  for (const [role, template] of roles) {
    if (template === undefined) continue;
    const path = join(scratch, `${role}.yaml`);
    await writeFile(path, dump({ apiVersion: 'v1', kind: 'Pod', ...(template as object) }, { noRefs: true }));
    conf[`spark.kubernetes.${role}.podTemplateFile`] = path;
  }
  return conf;
}

async function record(recorder: Recorder, clear: () => Promise<void>, file: string): Promise<void> {
  const text = await readFile(join(folder, file), 'utf8');
  const spec = load(text) as Spec;
  const made: (readonly [SparkVersion, Submitted])[] = [];
  for (const version of versions) {
    await step(`${file} with Spark ${version}`, async () => {
      await clear();
      made.push([version, await submit(recorder, version, spec)]);
    });
  }
  const every = made.map(([, submitted]): unknown => submitted).reduce(common);
  const own = made.map(([version, submitted]) => [version, without(submitted, every)]);
  const recorded = { every, ...Object.fromEntries(own.filter(([, more]) => more !== undefined)) };
  // The spec stays as it was written.
  const written = text.replace(/^recorded:\n(.*\n)*/m, '');
  const dumped = dump({ recorded }, { lineWidth: -1, noRefs: true, sortKeys: true, flowLevel: 6 });
  await writeFile(join(folder, file), `${written}${dumped}`);
}

async function main(names: readonly string[]): Promise<number> {
  if (names.some((name) => name.startsWith('-'))) {
    process.stdout.write(USAGE);
    return names.includes('--help') || names.includes('-h') ? 0 : 2;
  }
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml') && file !== 'differences.yaml');
  const chosen = files.filter((file) => names.length === 0 || names.includes(file.replace(/\.yaml$/, '')));
  const api = await startApiServer();
  const recorder = await startRecorder(api.kubeconfigPath);
  try {
    for (const file of chosen.sort()) await record(recorder, () => clear(recorder.url), file);
  } finally {
    await recorder.close();
    await api.stop();
  }
  return 0;
}

/** Removes the driver pods: a submission refuses a name that is taken. */
async function clear(url: string): Promise<void> {
  const path = `${url}/api/v1/namespaces/default/pods?gracePeriodSeconds=0`;
  const response = await fetch(path, { method: 'DELETE' });
  if (!response.ok) throw new Error(`DELETE ${path}: ${response.status} ${await response.text()}`);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
