#!/usr/bin/env node
// Starts the command line on whatever Node (>= 20) the machine has. In a checkout it runs the sources with the project's
// own Node, so that what runs is never older than what is written; elsewhere the bundle.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src', 'main.ts');
const bundle = join(root, 'dist', 'weir.mjs');
const node = join(root, 'node_modules', '.bin', 'node');

/** Runs a script with the project's Node and ends as it ended. */
function runWithOwnNode(script) {
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`starting ${node}: ${error.message}`));
  child.on('exit', (code) => process.exit(code ?? 1));
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

function isRecentNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 19);
}

if (existsSync(source) && existsSync(node)) runWithOwnNode(source);
else if (!existsSync(bundle)) fail(`neither ${bundle} nor installed dependencies: run "npm ci" first`);
else if (isRecentNode()) await import(pathToFileURL(bundle).href);
else if (existsSync(node)) runWithOwnNode(bundle);
else fail(`Node ${process.versions.node} is too old, 22.19 or newer is needed`);
