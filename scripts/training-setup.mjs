/**
 * `npm run training:setup`: the Python environment of training/ in training/.venv, and the fonts
 * that the scenes are drawn with. Does nothing if both are current. PYTHON chooses the interpreter.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { aptInstall } from './lib/apt.mjs';
import { fail, ROOT, run } from './lib/run.mjs';

const VENV = path.join(ROOT, 'training', '.venv');
const PYTHON = path.join(VENV, 'bin', 'python');
const REQUIREMENTS = path.join(ROOT, 'training', 'requirements.txt');
const STAMP = path.join(VENV, 'requirements.sha256');
const SYSTEM = path.join(ROOT, 'training', 'system-packages.txt');

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

const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) {
  const python = process.env['PYTHON'] ?? 'python3';
  const isNew = 'import sys; sys.exit(sys.version_info < (3, 10))';
  if ((await run(python, ['-c', isNew])) !== 0) fail(`${python} is not Python 3.10 or newer.`);
  // One that was begun and not finished may lack pip, or be of another interpreter.
  rmSync(VENV, { recursive: true, force: true });
  const status = await run(python, ['-m', 'venv', VENV]);
  if (status !== 0) fail(`${python} -m venv failed; install its venv module.`);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  // First, by itself: whatever else is pinned must accept this build of torch.
  const torch = lines(REQUIREMENTS).filter((line) => line.startsWith('torch=='));
  const installed =
    (await run(PYTHON, [...pip, ...torch])) === 0 &&
    (await run(PYTHON, [...pip, '-r', REQUIREMENTS])) === 0;
  if (!installed) fail('pip install failed; its message above says why.');
  writeFileSync(STAMP, wanted);
}
