/**
 * `npm run training:setup`: the Python environment of training/ in training/.venv, and the fonts
 * that the scenes are drawn with. Does nothing if both are current. PYTHON chooses the interpreter.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { aptInstall } from './lib/apt.mjs';
import { fail, ROOT, run } from './lib/run.mjs';

const VENV = path.join(ROOT, 'training', '.venv');
const PYTHON = path.join(VENV, 'bin', 'python');
const REQUIREMENTS = path.join(ROOT, 'training', 'requirements.txt');
const STAMP = path.join(VENV, 'requirements.sha256');
const SYSTEM = path.join(ROOT, 'training', 'system-packages.txt');

/** First, by itself: whatever else is pinned must accept this build of torch. */
const TORCH = 'torch==2.13.0';

/** @param {string} file */
function lines(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean);
}

if (!(await aptInstall(lines(SYSTEM)))) {
  console.warn(`Some fonts are missing; install these packages: ${lines(SYSTEM).join(' ')}`);
}

if (!existsSync(REQUIREMENTS)) fail('training/requirements.txt is missing.');
const wanted = createHash('sha256').update(TORCH).update(readFileSync(REQUIREMENTS)).digest('hex');
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) {
  if (!existsSync(PYTHON)) {
    const status = await run(process.env['PYTHON'] ?? 'python3', ['-m', 'venv', VENV]);
    if (status !== 0) fail('python3 -m venv failed; install Python 3.11 with its venv module.');
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const installed =
    (await run(PYTHON, [...pip, TORCH])) === 0 &&
    (await run(PYTHON, [...pip, '-r', REQUIREMENTS])) === 0;
  if (!installed) fail('pip install failed. Is the package index reachable?');
  writeFileSync(STAMP, wanted);
}
