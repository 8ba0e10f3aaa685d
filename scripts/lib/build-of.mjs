/** The site as it was at an earlier commit, to measure against. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { bin, fail, ROOT, run } from './run.mjs';

/** What a build reads. */
const SOURCES = ['index.html', 'vite.config.ts', 'package.json', 'scripts', 'src', 'public'];

/**
 * Built once and kept below .cache, with the packages that are installed now: what differs is our
 * code. Ends the program if the commit is not here or cannot be built.
 * @param {string} commit @returns {Promise<string>} its dist/
 */
export async function buildOf(commit) {
  const hash = fullHash(commit);
  const folder = path.join(ROOT, '.cache', 'builds', hash);
  const dist = path.join(folder, 'dist');
  if (existsSync(dist)) return dist;
  // Under its own name only when it is whole.
  const made = `${folder}-${process.pid}`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  const tar = path.join(made, 'sources.tar');
  execFileSync('git', ['archive', '--output', tar, hash, ...SOURCES], { cwd: ROOT });
  execFileSync('tar', ['-xf', tar, '-C', made]);
  rmSync(tar);
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(made, 'node_modules'));
  const status = await run(bin('vite'), ['build', '--logLevel', 'warn'], { cwd: made });
  if (status !== 0) fail(`The site of commit ${commit} could not be built.`);
  renameSync(made, folder);
  return dist;
}

/** @param {string} commit */
function fullHash(commit) {
  try {
    const asked = ['rev-parse', '--verify', '--quiet', `${commit}^{commit}`];
    return execFileSync('git', asked, { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return fail(`There is no commit ${commit} here; a clone without its history lacks it.`);
  }
}
