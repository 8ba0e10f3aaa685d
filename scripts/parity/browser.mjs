/** A parity fixture in a headless Chromium, on its software adapter. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fixtureSource } from './source.mjs';
import { openBrowser } from '../lib/open-browser.mjs';
import { ROOT } from '../lib/run.mjs';
import { serveFolder } from '../lib/static-server.mjs';

/** @typedef {import('../../e2e/lib/parity-page.ts').RunParity} RunParity */

/** @param {{ folder: string, golden: Parameters<RunParity>[1], dtype: string }} fixture */
export async function parityInBrowser({ folder, golden, dtype }) {
  mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
  const site = mkdtempSync(path.join(ROOT, '.cache/parity-'));
  try {
    await buildPage(site);
    cpSync(folder, path.join(site, 'fixture'), { recursive: true });
    const server = await serveFolder(site, 0);
    const source = await fixtureSource(folder, `${server.url}fixture/hub/`);
    const browser = await openBrowser(
      {
        headed: false,
        adapter: 'swiftshader',
        allowSoftware: true,
        remote: null,
        host: '127.0.0.1',
        port: 0,
      },
      server.url,
    );
    try {
      const page = await browser.newPage();
      await page.goto(`${server.url}e2e/lib/parity.html`);
      await page.waitForFunction(() => 'runParity' in globalThis);
      return await page.evaluate(
        ([described, expected, name]) => runParity(described, expected, name, 'webgpu'),
        /** @type {const} */ ([source, golden, dtype]),
      );
    } finally {
      await browser.close();
      server.close();
    }
  } finally {
    rmSync(site, { recursive: true, force: true });
  }
}

/** @param {string} site */
async function buildPage(site) {
  const { build } = await import('vite');
  await build({
    root: ROOT,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: site,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: { input: path.join(ROOT, 'e2e/lib/parity.html') },
    },
  });
}
