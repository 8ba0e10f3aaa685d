/**
 * Vite plugin: tells the service worker which files the build has, and their hashes. The list stands
 * in its script, so that a browser sees a new build by it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

const WORKER = 'offline.sw.js';

/**
 * Not of the page: weights have a store of their own, about/ is for those who link to it, and
 * `_headers` is read by hosts that do not send it.
 */
const LEFT_OUT = /^(?:models|about)\/|^offline\.sw\.js$|^_headers$/;

export function buildList(): Plugin {
  return {
    name: 'build-list',
    apply: 'build',
    writeBundle: {
      order: 'post',
      handler({ dir = 'dist' }) {
        const worker = path.join(dir, WORKER);
        // Builds of bare pages (e2e/lib) have none, worker bundles neither.
        if (this.environment.config.isWorker || !existsSync(worker)) return;
        const list = JSON.stringify(listOf(dir));
        writeFileSync(worker, `const BUILD_LIST=${list};\n${readFileSync(worker, 'utf8')}`);
      },
    },
  };
}

/** @returns SHA-256 in base64 by path, in order of the paths */
function listOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => !LEFT_OUT.test(name));
  return Object.fromEntries(
    paths.sort().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('base64'),
    ]),
  );
}
