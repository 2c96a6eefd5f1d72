import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { pauseImageName } from '../../cluster/node/containerd.ts';
import { imageSettings } from '../../kit/operator.ts';
import { blocksOf } from '../../kit/page.ts';
import type { ScenarioContext } from '../scenario.ts';
import { oldCrds } from './old-crds.ts';

const root = join(import.meta.dirname, '../../..');
const page = 'from-two-operators.md';

/** Where the releases of the page are. */
export const NAMESPACES = { flink: 'flink-operator', spark: 'spark-operator', weir: 'weir' } as const;

/** The page, to be walked through. */
export interface Walk {
  /** Runs the commands under a heading as they stand there, in one folder for all; answers what each block printed. */
  follow(heading: string): Promise<readonly string[]>;
  /** Runs one command line with the same programs in the same folder. */
  run(script: string): Promise<string>;
  /** Ends the releases that are left and removes the folder. */
  end(): Promise<void>;
}

/** Prepares a folder with what the page takes as given: the programs, the values of the old charts, their CRDs. */
export function beginWalk({ stage, say, namespace }: ScenarioContext): Walk {
  const folder = mkdtempSync(join(tmpdir(), 'weir-walk-'));
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  mkdirSync(join(folder, 'old-crds'));
  for (const crd of oldCrds()) writeFileSync(join(folder, 'old-crds', `${crd.metadata.name}.yaml`), dump(crd));
  for (const [name, values] of Object.entries(oldValues(namespace))) writeFileSync(join(folder, name), dump(values));
  const run = (script: string): Promise<string> =>
    stage.run('sh', ['-ec', `PATH="${programs}:$PATH"\ncd "${folder}"\n${script}`]);
  program(join(programs, 'weir'), `exec "${process.execPath}" "${join(root, 'src/main.ts')}" "$@"`);
  program(join(programs, 'helm'), helm(stage.cluster.kind === 'node' ? stage.cluster.bin : '', stage.image('weir')));
  return {
    run,
    async follow(heading) {
      const printed: string[] = [];
      for (const block of blocksOf(page, heading)) {
        for (const line of block.trim().split('\n')) say(`$ ${line}`);
        printed.push(await run(block));
      }
      return printed;
    },
    async end() {
      for (const [name, release] of [
        ['weir', 'weir'],
        ['flink', 'flink-kubernetes-operator'],
        ['spark', 'spark-operator'],
      ] as const) {
        await run(`helm uninstall ${release} -n ${NAMESPACES[name]} --ignore-not-found --wait`);
      }
      rmSync(folder, { recursive: true });
    },
  };
}

function program(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** helm, for which the charts of the page are those of this repository, Weir's with the image under test. */
function helm(bin: string, image: string): string {
  const settings = Object.entries(imageSettings(image)).flatMap(([key, value]) => ['--set-string', `${key}=${value}`]);
  const charts = {
    'charts/weir': [join(root, 'charts/weir'), ...settings],
    'flink-operator-repo/flink-kubernetes-operator': [join(root, 'e2e/old-operators/flink-kubernetes-operator')],
    'spark-operator/spark-operator': [join(root, 'e2e/old-operators/spark-operator')],
  };
  const cases = Object.entries(charts).map(([name, args]) => `    ${name}) set -- "$@" ${args.join(' ')} ;;`);
  return `left=$#
while [ "$left" -gt 0 ]; do
  case "$1" in
${cases.join('\n')}
    *) set -- "$@" "$1" ;;
  esac
  shift
  left=$((left - 1))
done
exec ${bin === '' ? '/usr/bin/env helm' : join(bin, 'helm')} "$@"`;
}

/** The values that the old releases were installed with. */
function oldValues(namespace: string): Readonly<Record<string, object>> {
  const [, repository = '', tag = ''] = /^(.*):([^:]+)$/.exec(pauseImageName) ?? [];
  const [registry = '', name = ''] = repository.split('/');
  return {
    'installed-flink.yaml': {
      watchNamespaces: [namespace],
      replicas: 1,
      image: { repository, tag },
      defaultConfiguration: {
        create: true,
        append: true,
        'flink-conf.yaml': 'kubernetes.operator.reconcile.interval: 15 s\n',
      },
      jvmArgs: { operator: '-Xmx512m' },
    },
    'installed-spark.yaml': {
      image: { registry, repository: name, tag },
      controller: { replicas: 1, workers: 10 },
      spark: { jobNamespaces: [namespace], serviceAccount: { name: 'spark' } },
    },
  };
}
