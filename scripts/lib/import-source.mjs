/** TypeScript of src/ in Node: Node 20 cannot read it, Vite's runner can. */
import path from 'node:path';
import { ROOT } from './run.mjs';

/**
 * @template T
 * @param {string} file below the repository; of a room that needs no browser
 * @returns {Promise<T>} its exports; the caller says their type
 */
export async function importSource(file) {
  const { runnerImport } = await import('vite');
  /** @type {{ module: T }} */
  const { module } = await runnerImport(path.join(ROOT, file), {
    root: ROOT,
    configFile: false,
    logLevel: 'error',
  });
  return module;
}
