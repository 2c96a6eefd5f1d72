import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './program.ts';

/** What a command line prints, and its exit code. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const io = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    color: false,
  };
  return { code: await runCli(args, io), ...said };
}

const words = async (...typed: string[]): Promise<string[]> =>
  (await run('completion', 'bash', '--', ...typed)).out.split('\n').slice(0, -1);

describe('weir completion', () => {
  it('knows the commands, and those below them', async () => {
    expect(await words('')).toEqual(expect.arrayContaining(['plan', 'run', 'crds', 'wait', 'completion', 'help']));
    expect(await words('w')).toEqual(['wait']);
    expect(await words('crds', '')).toContain('apply');
    expect(await words('migrate', 'val')).toEqual(['values']);
    expect(await words('help', 'ra')).toEqual([]);
    expect(await words('help', 'rb')).toEqual(['rbac']);
  });

  it('knows options by the start of their names, and not again what is given once', async () => {
    expect(await words('plan', '--s')).toEqual(['--server', '--spark-conf-dir']);
    expect(await words('plan', '--server', '--s')).toEqual(['--spark-conf-dir']);
    expect(await words('plan', '-n', 'shop', '--n')).toEqual([]);
    expect(await words('plan', '-f', 'a.yaml', '--filen')).toEqual(['--filename']);
    expect(await words('crds', 'apply', '--kube')).toEqual(['--kubeconfig']);
    expect(await words('--v')).toEqual(['--version']);
    expect(await words('version', '')).toEqual(['--output', '--help']);
  });

  it.each([
    [
      ['plan', '-o', ''],
      ['text', 'json', 'yaml'],
    ],
    [['plan', '--output', 'j'], ['json']],
    [['plan', '--output', '=', 'j'], ['json']],
    [
      ['plan', '--output', '='],
      ['text', 'json', 'yaml'],
    ],
    [['plan', '--output=j'], ['--output=json']],
    [
      ['run', '--leader-election', ''],
      ['true', 'false'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['wait', '--for', 'f'], ['finished']],
  ])('knows the values of %j', async (typed, expected) => {
    expect(await words(...typed)).toEqual(expected);
  });

  it.each([
    [['plan', '-f', '']],
    [['plan', '-f', 'a.yaml', '']],
    [['wait', '']],
    [['plan', '--', '--']],
    [['none', 'x']],
  ])('leaves names and files to the shell: %j', async (typed) => {
    expect(await words(...typed)).toEqual([]);
  });

  it('says what words mean where the shell shows it', async () => {
    const { out } = await run('completion', 'fish', '--', 'cr');
    expect(out).toBe('crds\tprint the CustomResourceDefinitions this version works with\n');
    expect((await run('completion', 'zsh', '--', 'cr')).out).toBe(out.replace('\t', ':'));
    expect((await run('completion', 'zsh', '--', 'plan', '-o', 'j')).out).toBe('json\n');
  });

  it('refuses a shell it has no script for', async () => {
    const { code, out, err } = await run('completion', 'tcsh');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('bash, zsh, fish');
  });
});

describe('the script for bash', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-completion-'));
    writeFileSync(
      join(folder, 'weir'),
      `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, '../main.ts')}" "$@"\n`,
    );
    chmodSync(join(folder, 'weir'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('completes command lines as bash takes them apart', () => {
    const script = `
      source <(weir completion bash)
      complete -p weir
      tab() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _weir; echo "\${COMPREPLY[*]}"; }
      tab weir pl
      tab weir plan --output = js`;
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const out = execFileSync('bash', ['--norc', '-euc', script], { env, encoding: 'utf8' });
    expect(out).toBe('complete -o default -F _weir weir\nplan\njson\n');
  });
});
