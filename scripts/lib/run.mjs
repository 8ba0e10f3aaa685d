/** Child processes for the scripts. Node builtins only: this runs before anything is installed. */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Runs a command with its output on our terminal.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string, onOutput?: (text: string) => void }} [options]
 *   `onOutput` sees standard output as well; `cwd` is the repository's root if not given
 * @returns {Promise<number>} exit status; 127 if the command does not exist, 128 if it was killed
 */
export function run(command, args, { env = {}, cwd = ROOT, onOutput } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', onOutput ? 'pipe' : 'inherit', 'inherit'],
    });
    child.stdout?.on('data', (/** @type {Buffer} */ data) => {
      process.stdout.write(data);
      onOutput?.(data.toString());
    });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (status) => resolve(status ?? 128));
  });
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {boolean} did it exist and succeed? Its output is dropped.
 */
export function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** A binary of node_modules/.bin. @param {string} name */
export function bin(name) {
  return path.join(ROOT, 'node_modules', '.bin', name);
}

/** @param {string} message what failed and what to do @returns {never} */
export function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
