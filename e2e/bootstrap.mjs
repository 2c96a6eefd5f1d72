#!/usr/bin/env node
// Runs on whatever Node (>= 20) the machine has, before anything is installed: installs the locked
// dependencies when they are missing or outdated, then hands the arguments to the project's own Node.
// usage: node e2e/bootstrap.mjs SCRIPT.ts [ARGUMENT ...]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.weir-lock-hash');
const node = join(root, 'node_modules', '.bin', 'node');

/** Installs with `npm ci` unless node_modules was made from this very package-lock.json. */
function ensureDependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node)) return;
  const started = Date.now();
  process.stderr.write('dependencies: npm ci …\n');
  const result = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) {
    process.stderr.write('dependencies: npm ci failed (its output is above)\n');
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, wanted);
  process.stderr.write(`dependencies: installed in ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
}

ensureDependencies();
const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node e2e/bootstrap.mjs SCRIPT.ts [ARGUMENT ...]\n');
  process.exit(2);
}
const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
const child = spawn(node, [join(root, script), ...rest], { stdio: 'inherit', env: { ...process.env, PATH: path } });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
