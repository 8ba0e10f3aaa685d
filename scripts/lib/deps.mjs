/** Installs node_modules when it is missing or older than the lock file. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fail, ROOT, run } from './run.mjs';

/** @typedef {{ version?: string, optional?: boolean, peer?: boolean }} LockEntry */

/** @param {string} file @returns {Record<string, LockEntry> | undefined} */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Does node_modules hold what package-lock.json wants? Optional packages may be absent. */
export function depsAreCurrent() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([name, entry]) => {
    const found = present[name];
    if (name === '') return true;
    return found ? found.version === entry.version : entry.optional === true;
  });
}

export async function ensureDeps() {
  if (depsAreCurrent()) return;
  console.log('installing packages (npm ci)');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const options = { env: { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' } };
  if ((await run('npm', ['ci', ...quiet], options)) === 0) return;
  // `npm ci` also fails where a mirror lacks some package of another platform.
  console.log('trying npm install');
  const status = await run('npm', ['install', '--no-save', ...quiet], options);
  if (status !== 0) fail('The packages could not be installed. Is the registry reachable?');
}
