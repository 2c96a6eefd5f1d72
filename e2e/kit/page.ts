import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(import.meta.dirname, '../../docs');

/** The code blocks of a page of the docs that stand under a heading of the second level, in order. Throws where there are none. */
export function blocksOf(page: string, heading: string): readonly string[] {
  const text = readFileSync(join(docs, page), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```\n(.*?)^```$/gms)].map(([, block = '']) => block);
  if (blocks.length === 0) throw new Error(`docs/${page} has no commands under "${heading}"`);
  return blocks;
}
