/** What a report says about where it was made. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../lib/run.mjs';

/** Packages whose version can change a number. */
const PACKAGES = ['onnxruntime-web', '@huggingface/transformers', '@playwright/test'];

/** @returns {string | null} short hash, with "+" if tracked files differ from it */
export function commitOf() {
  const head = git('rev-parse', '--short=12', 'HEAD');
  if (head === null) return null;
  return git('status', '--porcelain', '--untracked-files=no') === '' ? head : `${head}+`;
}

/** @param {...string} args @returns {string | null} */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** @returns {Record<string, string>} */
export function versions() {
  const found = PACKAGES.map((name) => [name, versionOf(`node_modules/${name}/package.json`)]);
  return {
    app: versionOf('package.json'),
    node: process.versions.node,
    ...Object.fromEntries(found),
  };
}

/** @param {string} file @returns {string} */
function versionOf(file) {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).version;
}

/**
 * Name of the processor and of the system that the browser runs on.
 * @param {import('../lib/browser-args.mjs').BrowserChoice} choice
 */
export function processor({ remote }) {
  if (remote !== null) return 'of a remote browser, unknown';
  return `${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.type()} ${os.arch()}`;
}
