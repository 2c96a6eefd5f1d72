#!/usr/bin/env node
// Bundles the operator and its command line into one file that needs nothing but Node.
// usage: node scripts/build.ts
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the bundle is made from and put: by default src/main.ts and dist/weir.mjs of this checkout. */
export interface BundleOptions {
  readonly entry?: string;
  readonly bundle?: string;
}

/** The files of a finished bundle. */
export interface Bundle {
  readonly bundle: string;
  readonly sourceMap: string;
}

/**
 * Dependencies written in CommonJS call `require` for Node's own modules, which a module has not by itself. Named so that
 * no bundled name can clash.
 */
const requireForDependencies =
  "import { createRequire as weirCreateRequire } from 'node:module';const require = weirCreateRequire(import.meta.url);";

/**
 * Bundles the entry with all dependencies as one ES module, with a source map beside it that holds no source text. The
 * same sources and dependencies give the same bytes, wherever the checkout is. Throws if the entry does not exist.
 */
export async function bundle(options: BundleOptions = {}): Promise<Bundle> {
  const { entry = join(root, 'src/main.ts'), bundle: file = join(root, 'dist/weir.mjs') } = options;
  if (!existsSync(entry))
    throw new Error(`there is nothing to bundle: ${relative(process.cwd(), entry)} does not exist`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    banner: { js: requireForDependencies },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  return { bundle: file, sourceMap: `${file}.map` };
}

if (import.meta.main) {
  const made = await bundle();
  const kilobytes = async (path: string): Promise<string> => `${Math.round((await stat(path)).size / 1024)} kB`;
  const sizes = `${await kilobytes(made.bundle)}, source map ${await kilobytes(made.sourceMap)}`;
  process.stdout.write(`${relative(process.cwd(), made.bundle)}: ${sizes}\n`);
}
