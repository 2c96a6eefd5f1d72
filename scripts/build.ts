#!/usr/bin/env node
// Bundles the operator and its command line into one file that needs nothing but Node, with its bill of materials.
// usage: node scripts/build.ts
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { writeSbom } from './sbom.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the bundle is made from and put: by default src/main.ts and dist/weir.mjs of this checkout. */
export interface BundleOptions {
  readonly entry?: string;
  readonly bundle?: string;
  /** False only tells of what would be written. */
  readonly write?: boolean;
}

/** The files of a finished bundle. */
export interface Bundle {
  readonly bundle: string;
  readonly sourceMap: string;
  /** What esbuild tells of it. */
  readonly metafile: Metafile;
}

/**
 * Dependencies written in CommonJS call `require` for Node's own modules, which a module has not by itself. Named so that
 * no bundled name can clash.
 */
const requireForDependencies =
  "import { createRequire as weirCreateRequire } from 'node:module';const require = weirCreateRequire(import.meta.url);";

/** Where lines are broken, so that what Node shows of one where a program failed can be read. */
const LINE_LIMIT = 200;

/**
 * Bundles the entry with all dependencies as one ES module, with a source map beside it that holds no source text. The
 * same sources and dependencies give the same bytes, wherever the checkout is. Throws if the entry does not exist.
 */
export async function bundle(options: BundleOptions = {}): Promise<Bundle> {
  const { entry = join(root, 'src/main.ts'), bundle: file = join(root, 'dist/weir.mjs'), write = true } = options;
  if (!existsSync(entry))
    throw new Error(`there is nothing to bundle: ${relative(process.cwd(), entry)} does not exist`);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: LINE_LIMIT,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    write,
    banner: { js: requireForDependencies },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  return { bundle: file, sourceMap: `${file}.map`, metafile };
}

/** All that is released, and nothing else of the project is in an image: the bundle, its source map, its bill of materials. */
export const RELEASED = ['weir.mjs', 'weir.mjs.map', 'weir.cdx.json'] as const;

/** The released files, with paths in the order of RELEASED, and what esbuild tells of the bundle. */
export interface Release {
  readonly files: readonly string[];
  readonly metafile: Metafile;
}

/** Makes the released files in `dist` of this checkout. The same sources and dependencies give the same bytes. */
export async function release(): Promise<Release> {
  const files = RELEASED.map((name) => join(root, 'dist', name));
  const [program, , sbom] = files as [string, string, string];
  const { metafile } = await bundle({ bundle: program });
  const scratch = await mkdtemp(join(tmpdir(), 'weir-build-'));
  try {
    const told = join(scratch, 'metafile.json');
    await writeFile(told, JSON.stringify(metafile));
    await writeSbom(told, sbom, root);
  } finally {
    await rm(scratch, { recursive: true });
  }
  return { files, metafile };
}

if (import.meta.main) {
  for (const path of (await release()).files) {
    const kilobytes = Math.round((await stat(path)).size / 1024);
    process.stdout.write(`${relative(process.cwd(), path)}: ${kilobytes} kB\n`);
  }
}
