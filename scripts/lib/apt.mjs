/** System packages on Debian and Ubuntu. */
import { run, succeeds } from './run.mjs';

/**
 * Installs what is missing.
 * @param {readonly string[]} packages
 * @returns {Promise<boolean>} are all of them there now?
 */
export async function aptInstall(packages) {
  const missing = packages.filter((name) => !succeeds('dpkg', ['-s', name]));
  if (missing.length === 0) return true;
  if (!succeeds('apt-get', ['--version'])) return false;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  /** @param {...string} args */
  const apt = (...args) => {
    const [command = 'apt-get', ...rest] = [...sudo, 'apt-get', ...args];
    return run(command, rest, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  };
  console.log(`installing ${missing.join(' ')}`);
  await apt('update', '-qq');
  return (await apt('install', '-y', '-qq', '--no-install-recommends', ...missing)) === 0;
}
