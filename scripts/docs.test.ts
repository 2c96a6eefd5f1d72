import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Command } from 'commander';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { scenarios } from '../e2e/scenarios/index.ts';
import { buildProgram } from '../src/cli/program.ts';
import { isRecord } from '../src/lib/json.ts';
import { everyMetric } from './reference/every-metric.ts';

const root = join(import.meta.dirname, '..');
const pages = ['.', 'docs', 'deploy', 'charts']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** What all pages have of a pattern that `wrong` says is not so: page and text of each. */
function finds(pattern: RegExp, wrong: (match: RegExpExecArray, path: string) => boolean): string[] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].filter((match) => wrong(match, path)).map(([found]) => `${path}: ${found}`),
  );
}

/** The anchors GitHub gives to the headings of a page. */
function anchorsOf(path: string): Set<string> {
  const text = readFileSync(join(root, path), 'utf8').replace(/^```.*?^```/gms, '');
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.matchAll(/^#+ +(.+)$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** Whether a link of a page leads nowhere: no such file, or no such heading in it. */
function broken(target: string, page: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? page : normalize(join(dirname(page), file));
  if (!existsSync(join(root, path))) return true;
  return anchor !== undefined && !(path.endsWith('.md') && anchorsOf(path).has(anchor));
}

/** The command that the words begin with, as far down as there are such; undefined where the first is none. */
function commandOf(words: readonly string[]): Command | undefined {
  const silent = { out: () => undefined, err: () => undefined, color: false };
  const program = buildProgram(silent, () => undefined);
  let command: Command | undefined = program;
  for (const word of words) {
    const below: Command | undefined = command.commands.find((each) => each.name() === word);
    if (below === undefined) break;
    command = below;
  }
  return command === program ? undefined : command;
}

/** Whether a call of `weir` is one the program would not take: no such command, or no such option of it. */
function untrue(line: string): boolean {
  const words = line.split(/\s+/).filter((word) => word !== '');
  const command = commandOf(words);
  if (command === undefined) return true;
  const options = [command, command.parent].flatMap((each) => each?.options ?? []).map(({ long }) => long);
  const flags = [...line.matchAll(/(?<=\s)--[a-z-]+/g)].map(([flag]) => flag);
  return flags.some((flag) => flag !== '--help' && !options.includes(flag));
}

/** Whether the chart has a value of this name, or lets its user give anything there. */
function chartHas(path: string): boolean {
  let value: unknown = load(readFileSync(join(root, 'charts/weir/values.yaml'), 'utf8'));
  for (const key of path.split('.')) {
    if (!isRecord(value)) return false;
    if (Object.keys(value).length === 0) return true;
    if (!(key in value)) return false;
    value = value[key];
  }
  return true;
}

describe('every page', () => {
  it('has links that lead somewhere', () => {
    const found = finds(/\]\(([^)\s]+)\)/g, ([, target = ''], path) => !/^\w+:/.test(target) && broken(target, path));
    expect(found).toEqual([]);
  });

  it('names scripts of npm and scenarios that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    expect(finds(/npm run (?:-s )?([a-z0-9]+)/g, ([, name = '']) => !(name in scripts))).toEqual([]);
    const known: readonly string[] = scenarios.map(({ name }) => name);
    expect(finds(/npm run e2e -- ([a-z][a-z0-9.-]+)/g, ([, name = '']) => !known.includes(name))).toEqual([]);
  });

  it('calls weir by commands and options that it has', () => {
    const calls = /(?:^ *|`|\| |npx )weir ([a-z][^`|<>\n]*)/gm;
    expect(finds(calls, ([, line = ''], path) => path !== 'CHANGELOG.md' && untrue(line))).toEqual([]);
  });

  it('sets values that the chart has', () => {
    const calls = /charts\/weir (?:[^`\n\\]|\\\n)*/g;
    const wrong = (call: string) =>
      [...call.matchAll(/--set(?:-string)? '?([\w.]+)/g)].some(([, value = '']) => !chartHas(value));
    expect(finds(calls, ([call]) => wrong(call))).toEqual([]);
  });

  it('names metrics that there are', async () => {
    const names = new Set((await everyMetric()).map(({ name }) => name));
    const wrong = ([, name = '']: RegExpExecArray) =>
      !names.has(name) && !names.has(name.replace(/_(bucket|sum|count)$/, ''));
    expect(finds(/\b(weir_[a-z_]+[a-z])\b/g, wrong)).toEqual([]);
  });
});
