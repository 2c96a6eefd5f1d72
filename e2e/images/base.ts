import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedFolder, contentHash } from '../lib/cache.ts';
import { ensureCommands } from '../lib/debian.ts';
import { run } from '../lib/run.ts';
import { architecture } from './archive.ts';

/** A root file system of Debian packages, without anything that only a package manager or a reader would want. */
export interface BaseSpec {
  /** `minbase`: a system with a shell; `extract`: nothing but the files of the named packages and what they depend on. */
  readonly variant: 'minbase' | 'extract';
  readonly packages: readonly string[];
  /** Removed at the end: shell patterns below the root. */
  readonly removed: readonly string[];
  /** Run at the end by the host's shell, before the removal, with the root as `$1`. */
  readonly finish?: string;
}

/** A base layer: the tar, and the key of what it was made from. */
export interface BaseLayer {
  readonly tar: string;
  readonly key: string;
}

const suite = 'bookworm';
const unread = ['doc/*', 'locale/*', 'info/*', 'lintian/*', 'man/*/?*'].map((pattern) => `/usr/share/${pattern}`);

/** The base of the engines' images (Flink, Spark): Java 17 and the few programs their scripts call. */
export const javaBase: BaseSpec = {
  variant: 'minbase',
  packages: [
    'openjdk-17-jre-headless',
    'tini',
    'gosu',
    'procps',
    'libsnappy1v5',
    'gettext-base',
    'ca-certificates',
    'python3',
  ],
  removed: [
    'usr/share/perl/*',
    'usr/lib/*-linux-gnu/perl/*',
    'usr/share/fonts',
    'usr/lib/jvm/*/lib/ct.sym',
    'usr/lib/jvm/*/lib/server/classes_nocoops.jsa',
    'var/cache/debconf/*-old',
  ],
};

/**
 * How Java starts in the engines' images where nothing else is said: compiled quickly and without verification of classes that
 * are their makers' own. Each Flink process starts three small Java programs before itself, and takes a sixth less CPU until it
 * is up (Flink 2.3). The collector is left to who starts it, since two named are an error.
 */
export const javaEnvironment = {
  JAVA_HOME: '/opt/java/openjdk',
  JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote',
} as const;

/** The base of the operator's image: the libraries that Node needs, certificates and time zones, no shell. */
export const nodeBase: BaseSpec = {
  variant: 'extract',
  packages: ['base-files', 'libc6', 'libstdc++6', 'ca-certificates', 'tzdata'],
  finish:
    'mkdir -p "$1/etc/ssl/certs" && cat "$1"/usr/share/ca-certificates/mozilla/*.crt >"$1/etc/ssl/certs/ca-certificates.crt"',
  removed: [
    'bin/*',
    'sbin/*',
    'usr/bin/*',
    'usr/sbin/*',
    'usr/share/perl*',
    'usr/share/ca-certificates',
    'usr/share/gcc',
  ],
};

/** The key of a base: a hash of the specification, the Debian release and the architecture; not of the packages' versions. */
export function baseKey(spec: BaseSpec): Promise<string> {
  return contentHash([{ text: `${suite} ${architecture()} ${JSON.stringify(spec)} ${unread.join(' ')}` }]);
}

/** Makes the base, or finds it in the cache; `note` hears of the progress. Installs mmdebstrap first where it is missing. */
export async function baseLayer(spec: BaseSpec, note: (text: string) => void): Promise<BaseLayer> {
  const key = await baseKey(spec);
  const { path } = await cachedFolder('images/bases', key, async (folder) => {
    await ensureCommands({ mmdebstrap: 'mmdebstrap' }, 'building container images');
    const scratch = await mkdtemp(join(tmpdir(), 'weir-base-')); // not in the cache: apt's own user must reach it
    try {
      const tar = join(scratch, 'base.tar');
      await run('mmdebstrap', mmdebstrapArguments(spec, tar), {
        env: { SOURCE_DATE_EPOCH: '0', TMPDIR: scratch },
        onOutput: (text) => note(`base: ${text.trim().split('\n').at(-1)}`),
      });
      await run('cp', [tar, join(folder, 'base.tar')]);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
  return { tar: join(path, 'base.tar'), key };
}

function mmdebstrapArguments(spec: BaseSpec, tar: string): string[] {
  const removal = `cd "$1" && rm -rf ${spec.removed.join(' ')}`;
  const manuals = 'mkdir -p "$1/usr/share/man/man1"'; // Java's installation links its manual pages there, or fails
  return [
    `--variant=${spec.variant}`,
    `--include=${spec.packages.join(',')}`,
    `--architectures=${architecture()}`,
    '--skip=output/dev',
    ...unread.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    ...(spec.variant === 'minbase' ? [`--essential-hook=${manuals}`] : []),
    ...(spec.finish === undefined ? [] : [`--customize-hook=${spec.finish}`]),
    `--customize-hook=${removal}`,
    suite,
    tar,
  ];
}

/** The text of a file inside a base, e.g. `etc/passwd`. */
export function readFromBase(base: BaseLayer, path: string): Promise<string> {
  return run('tar', ['-xOf', base.tar, `./${path}`]);
}
