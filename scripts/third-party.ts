import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of others that is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As an SPDX expression; empty where the package says none. */
  readonly license: string;
}

/** The packages that a bundle made in `root` holds code of, by name. */
export function bundledPackages({ outputs }: Metafile, root: string): readonly BundledPackage[] {
  const inputs = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []));
  return [...folders].sort().map((folder) => {
    const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
    const { name, version, license = '' } = JSON.parse(text) as Partial<BundledPackage>;
    return { name: name ?? '', version: version ?? '', license };
  });
}

/** The page that lists them. */
export function thirdPartyReference(packages: readonly BundledPackage[]): string {
  const rows = packages.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  return [
    '# Third-party packages',
    '',
    'Generated from what is bundled by `npm run generate`. These are the packages that `weir.mjs` holds code of, after what is',
    'not used was left out; the texts of their licences are in `weir.cdx.json` beside it, a CycloneDX bill of materials.',
    'How they are chosen and checked: [supply chain](../supply-chain.md).',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
