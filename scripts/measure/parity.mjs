/**
 * `node scripts/measure/parity.mjs DIR [--device wasm|webgpu] [--dawn] [--dtype fp32]`: a fixture of
 * `training.fixtures` through the app's own path (the checkpoint's files, its family's profile, the
 * engine) against what Hugging Face's class computed. One JSON line. wasm runs in Node, WebGPU in a
 * page of a headless Chromium on its software adapter; with `--dawn` in Node as well (Dawn's bindings).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openDawn } from '../lib/dawn.mjs';
import { fixtureSource } from '../parity/source.mjs';
import { openSources } from '../lib/import-source.mjs';
import { fail } from '../lib/run.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string', default: 'wasm' },
    dtype: { type: 'string', default: 'fp32' },
    dawn: { type: 'boolean', default: false },
  },
});
const folder = positionals[0] ?? fail('parity.mjs DIR: the folder of a fixture.');
const { device, dtype } = values;
if (device !== 'wasm' && device !== 'webgpu') fail(`--device ${device}: wasm or webgpu.`);

/** @type {import('../../src/engine/testing/parity.ts').ParityGolden & { seed: number, variant: string | null }} */
const golden = JSON.parse(readFileSync(path.join(folder, 'golden.json'), 'utf8'));
const report = device === 'wasm' || values.dawn ? await inNode() : await inBrowser();
const { family, seed, variant } = golden;
console.log(JSON.stringify({ family, device, ...report, dtype, seed, variant }));
// onnxruntime's threads and Vite's runner keep the process alive.
process.exit(0);

async function inNode() {
  if (device === 'webgpu') await openDawn();
  const sources = await openSources();
  /** @type {typeof import('../../src/engine/testing/parity.ts')} */
  const { replayGolden } = await sources.load('src/engine/testing/parity.ts');
  /** @type {typeof import('../../src/engine/load.ts')} */
  const { loadModel } = await sources.load('src/engine/load.ts');
  /** @type {typeof import('../../src/engine/inbox.ts')} */
  const { createPatchInbox } = await sources.load('src/engine/inbox.ts');
  /** @type {typeof import('../../src/models/store/store.ts')} */
  const { createStore } = await sources.load('src/models/store/store.ts');
  const hub = path.join(folder, 'hub');
  const source = await fixtureSource(folder, pathToFileURL(`${path.resolve(hub)}/`).href);
  const local = new Map(
    source.files.map(({ path: name }) => [name, new Blob([readFileSync(path.join(hub, name))])]),
  );
  const entry = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
  const inbox = createPatchInbox();
  const runtimeUrl = pathToFileURL(`${path.dirname(entry)}/`).href;
  const model = await loadModel(
    {
      source: { ...source, local },
      dtype,
      device: device === 'wasm' ? 'wasm' : 'webgpu',
      runtimeUrl,
    },
    { weights: createStore(), inbox },
  );
  const read = async (/** @type {string} */ name) => {
    const { buffer, byteOffset, byteLength } = readFileSync(path.join(folder, name));
    return buffer.slice(byteOffset, byteOffset + byteLength);
  };
  return await replayGolden({ golden, read, model, inbox });
}

async function inBrowser() {
  const { parityInBrowser } = await import('../parity/browser.mjs');
  return await parityInBrowser({ folder, golden, dtype });
}
