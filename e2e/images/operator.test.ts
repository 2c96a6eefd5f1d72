import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeBase } from './base.ts';
import { IMAGE_FILES, IMAGE_START } from './operator.ts';

const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');

/** Instructions of the last stage, which is the image: keyword and the rest of the line. */
const instructions = (dockerfile.split(/^FROM /m).at(-1) ?? '')
  .split('\n')
  .slice(1)
  .flatMap((line) => (/^[A-Z]+ /.test(line) ? [[line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1)]] : []));

const given = (keyword: string): string[] =>
  instructions.flatMap(([word, rest = '']) => (word === keyword ? [rest] : []));

/** Where a COPY puts each of its files. */
function copied(line: string): string[] {
  const paths = line.split(' ').filter((word) => !word.startsWith('--'));
  const to = paths.at(-1) ?? '';
  return paths.slice(0, -1).map((from) => (to.endsWith('/') ? `${to}${from.split('/').at(-1)}` : to));
}

describe("the operator's image", () => {
  it('holds the same files on top of its base as the one of the Dockerfile', () => {
    expect(given('COPY').flatMap(copied)).toEqual(IMAGE_FILES);
    expect(new Set(instructions.map(([word]) => word))).toEqual(
      new Set(['COPY', 'WORKDIR', 'ENV', 'USER', 'ENTRYPOINT']),
    );
  });

  it('starts as the one of the Dockerfile does', () => {
    expect(given('ENTRYPOINT').map((text) => JSON.parse(text) as unknown)).toEqual([IMAGE_START.entrypoint]);
    expect(given('USER')).toEqual([IMAGE_START.user]);
    expect(given('WORKDIR')).toEqual([IMAGE_START.folder]);
    const variables = Object.entries(IMAGE_START.environment).map(([name, value]) => `${name}=${value}`);
    expect(given('ENV')).toEqual([variables.join(' ')]);
  });

  it('has a base without a shell or anything else to be run', () => {
    expect(nodeBase.variant).toBe('extract');
    expect(nodeBase.removed).toEqual(expect.arrayContaining(['bin/*', 'sbin/*', 'usr/bin/*', 'usr/sbin/*']));
  });
});
