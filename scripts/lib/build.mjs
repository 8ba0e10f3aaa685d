/** Builds the site when a source is newer than dist/. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bin, ROOT, run } from './run.mjs';

const SOURCES = ['index.html', 'package-lock.json', 'vite.config.ts', 'scripts', 'src', 'public'];
const STAMP = path.join(ROOT, '.cache', 'build-stamp');

/** @param {string} file relative @returns {string[]} */
function filesBelow(file) {
  const full = path.join(ROOT, file);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [file];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesBelow(path.join(file, name)));
}

/** Names, sizes and times of the sources; contents would cost seconds for the weights. */
function fingerprint() {
  // It is written into the page, see scripts/site-address.ts.
  const hash = createHash('sha256').update(`SITE_URL=${process.env['SITE_URL'] ?? ''}\n`);
  for (const file of SOURCES.flatMap(filesBelow)) {
    const { size, mtimeMs } = statSync(path.join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

export function buildIsCurrent() {
  if (!existsSync(path.join(ROOT, 'dist', 'index.html')) || !existsSync(STAMP)) return false;
  return readFileSync(STAMP, 'utf8') === fingerprint();
}

/** @returns {Promise<number>} exit status; 0 without work if dist/ is current */
export async function ensureBuild() {
  if (buildIsCurrent()) return 0;
  const before = fingerprint();
  const status = await run(bin('vite'), ['build', '--logLevel', 'warn']);
  if (status === 0) {
    mkdirSync(path.dirname(STAMP), { recursive: true });
    writeFileSync(STAMP, before);
  }
  return status;
}
