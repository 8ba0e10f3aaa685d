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

/**
 * As importSource, for sources that import others while they run: those need a server that stays.
 * @returns {Promise<{ load<T>(file: string): Promise<T>, close(): Promise<void> }>}
 */
export async function openSources() {
  const { createServer } = await import('vite');
  const server = await createServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    appType: 'custom',
    server: { middlewareMode: true, watch: null, hmr: false, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  return {
    load: async (file) => /** @type {any} */ (await server.ssrLoadModule(path.join(ROOT, file))),
    close: () => server.close(),
  };
}
