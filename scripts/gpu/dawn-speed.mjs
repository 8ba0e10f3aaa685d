/** `scripts/measure/engine.mjs MODEL --device webgpu`: the engine on a GPU without a browser. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { commitOf, versions } from '../bench/environment.mjs';
import { openDawn } from '../lib/dawn.mjs';
import { openInNode } from '../lib/dawn-model.mjs';
import { openSources } from '../lib/import-source.mjs';

/**
 * @param {{ folder: string, repeats: number, views: number[], after: number[], decode: number }} asked
 * @returns a report for JSON, which says that this is no browser
 */
export async function measureOnDawn({ folder, repeats, views, after, decode }) {
  const adapter = await openDawn();
  const sources = await openSources();
  /** @type {typeof import('../../src/models/manifest.ts')} */
  const { parseManifest, sourceOf } = await sources.load('src/models/manifest.ts');
  /** @type {typeof import('../../src/engine/testing/speed.ts')} */
  const { measureSpeed, compareVariants, SETTINGS } = await sources.load(
    'src/engine/testing/speed.ts',
  );
  const text = readFileSync(path.join(folder, 'manifest.json'), 'utf8');
  const manifest = parseManifest(JSON.parse(text));
  const source = sourceOf(manifest, { baseUrl: 'folder:/' });
  const dtype = 'q8' in manifest.dtypes ? 'q8' : (Object.keys(manifest.dtypes)[0] ?? '');
  /** @param {import('../../src/engine/testing/speed.ts').Setting} setting */
  const open = async ({ validate = false, levers = {} }) =>
    await openInNode({
      folder,
      source,
      dtype,
      device: 'webgpu',
      validate,
      sources,
      parts: { levers },
    });
  const begin = performance.now();
  const { model, inbox } = await open({});
  const load = performance.now() - begin;
  const steps = [];
  for await (const step of measureSpeed(model, inbox, { views, after, decode, looks: null })) {
    steps.push(step);
    console.error(JSON.stringify(step));
  }
  const variants = [];
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const opened = name === 'all levers' ? model : (await open(setting)).model;
    variants.push({ name, model: opened });
  }
  const software = model.info.device.fallback;
  const levers = [];
  for (const tokens of after) {
    const asked = { after: tokens, rounds: repeats, ...(software && { clock: cpuTime }) };
    const samples = await compareVariants(variants, asked);
    levers.push(...samples);
    console.error(JSON.stringify(samples));
  }
  return {
    model: manifest.id,
    dtype,
    where: 'Dawn in Node, no browser',
    adapter,
    software,
    leversBy: software ? 'CPU time of the process, driver included' : 'the wall clock',
    commit: commitOf(),
    versions: versions(),
    processor: os.cpus()[0]?.model ?? null,
    loadAverage: os.loadavg()[0],
    repeats,
    load,
    steps,
    levers,
  };
}

/** Milliseconds; a driver in software computes in this process. */
function cpuTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
