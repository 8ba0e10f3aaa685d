/**
 * `node scripts/measure/parity.mjs DIR [--device wasm|webgpu] [--dawn] [--dtype fp32]`: a fixture of
 * `training.fixtures` through the app's own path (the checkpoint's files, its family's profile, the
 * engine) against what Hugging Face's class computed. One JSON line. wasm runs in Node, WebGPU in a
 * page of a headless Chromium on its software adapter; with `--dawn` in Node as well (Dawn's bindings).
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDawn } from '../lib/dawn.mjs';
import { openInNode } from '../lib/dawn-model.mjs';
import { fixtureSource } from '../parity/source.mjs';
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
  const source = await fixtureSource(folder, 'folder:/');
  const { model, inbox, sources } = await openInNode({
    folder: path.join(folder, 'hub'),
    source,
    dtype,
    device: device === 'wasm' ? 'wasm' : 'webgpu',
  });
  /** @type {typeof import('../../src/engine/testing/parity.ts')} */
  const { replayGolden } = await sources.load('src/engine/testing/parity.ts');
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
