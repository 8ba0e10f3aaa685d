/**
 * `node scripts/measure/engine.mjs [MODEL_FOLDER] [--repeats N] [--large] [--device wasm|webgpu]`:
 * where a run's time goes, as JSON. On wasm the engine's own sessions and decoder in Node, one thread,
 * the graphs for any device beside those for wasm; on WebGPU the whole engine by Dawn's bindings, with
 * each lever on and off. They take turns, so that their ratio survives a machine that does other work.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { commitOf, versions } from '../bench/environment.mjs';
import { measureOnDawn } from '../gpu/dawn-speed.mjs';
import { importSource } from '../lib/import-source.mjs';
import { fail } from '../lib/run.mjs';

/** @typedef {{ wall: number, cpu: number }} Sample milliseconds */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string', default: '7' },
    large: { type: 'boolean', default: false },
    device: { type: 'string', default: 'wasm' },
  },
});
const folder = positionals[0] ?? 'public/models/ergo-tiny';
const repeats = Number(values.repeats);
if (!(Number.isInteger(repeats) && repeats > 0))
  fail(`--repeats ${values.repeats}: a whole number.`);
if (values.device === 'webgpu') {
  const sizes = values.large
    ? { views: [100, 256, 1024], after: [200, 1000, 4000] }
    : { views: [100, 256], after: [200] };
  const report = await measureOnDawn({ folder, repeats, decode: 16, ...sizes }).catch(
    (/** @type {Error} */ error) => fail(error.message),
  );
  console.log(JSON.stringify(report, null, 1));
  // Dawn's timer and Vite's server keep the process alive.
  process.exit(0);
}
if (values.device !== 'wasm') fail(`--device ${values.device}: wasm or webgpu.`);

/** @type {typeof import('../../src/models/manifest.ts')} */
const { parseManifest, sourceOf } = await importSource('src/models/manifest.ts');
/** @type {typeof import('../../src/engine/sessions.ts')} */
const { openSessions } = await importSource('src/engine/sessions.ts');
/** @type {typeof import('../../src/engine/decoder.ts')} */
const { createDecoder } = await importSource('src/engine/decoder.ts');

/** @type {typeof import('../../src/engine/graph.ts')} */
const { describeDecoder } = await importSource('src/engine/graph.ts');
/** @type {typeof import('../../src/engine/cast.ts')} */
const { createCaster } = await importSource('src/engine/cast.ts');

const read = (/** @type {string} */ name) => readFileSync(path.join(folder, name));
const manifest = parseManifest(JSON.parse(read('manifest.json').toString()));
const source = sourceOf(manifest, { baseUrl: pathToFileURL(`${path.resolve(folder)}/`).href });
const { architecture, image } = source.profile;
const dtype = 'q8' in manifest.dtypes ? 'q8' : (Object.keys(manifest.dtypes)[0] ?? '');
const ort = await openRuntime();

const variants = {
  any: await open(false),
  ...(manifest.dtypes[dtype]?.wasm && { wasm: await open(true) }),
};
/** @type {Record<string, Record<string, { median: number, least: number, cpu: number }>>} */
const cases = {};
await measureAll();
console.log(
  JSON.stringify(
    {
      model: manifest.id,
      dtype,
      commit: commitOf(),
      versions: versions(),
      processor: os.cpus()[0]?.model ?? null,
      loadAverage: os.loadavg()[0],
      threads: 1,
      repeats,
      unit: 'milliseconds: median and least of the wall clock, least of the CPU time',
      loadSessions: Object.fromEntries(
        Object.entries(variants).map(([name, { load }]) => [name, load]),
      ),
      cases,
    },
    null,
    1,
  ),
);

async function openRuntime() {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
  /** @type {typeof import('onnxruntime-web')} */
  const loaded = (await import(pathToFileURL(entry).href)).default;
  loaded.env.wasm.numThreads = 1;
  loaded.env.wasm.wasmPaths = pathToFileURL(`${path.dirname(entry)}/`).href;
  loaded.env.logLevel = 'error';
  return loaded;
}

/** @param {boolean} isForWasm with the graphs that the manifest has for wasm */
async function open(isForWasm) {
  const begin = performance.now();
  const chosen = isForWasm ? source : withoutWasm(source);
  /** @type {import('../../src/core/contracts/model.ts').DeviceReport} */
  const report = {
    requested: 'wasm',
    used: 'wasm',
    adapter: null,
    fallback: false,
    fallbackReason: null,
    threads: 1,
  };
  /** @type {import('../../src/engine/runtime.ts').Runtime} */
  const runtime = { ort, adapter: null, providers: ['wasm'], gpuDevice: async () => null, report };
  const sessions = await openSessions({
    runtime,
    source: chosen,
    dtype,
    read: async (name) => new Uint8Array(read(name)),
  });
  const decoder = createDecoder({
    ort,
    gpu: null,
    caster: createCaster(runtime),
    graph: describeDecoder(sessions.decoder, architecture.text),
    inPlace: null,
    ...sessions,
    text: architecture.text,
  });
  return { sessions, decoder, load: performance.now() - begin };
}

/** @param {import('../../src/models/source.ts').ModelSource} from */
function withoutWasm(from) {
  const graphs = Object.entries(from.dtypes).map(([name, { sessions, files }]) => [
    name,
    { sessions, files },
  ]);
  return { ...from, dtypes: Object.fromEntries(graphs) };
}

async function measureAll() {
  await takeTurns('embed, 1 token', async ({ sessions }) => {
    await sessions.embed.run({ input_ids: new ort.Tensor('int64', BigInt64Array.of(5n), [1, 1]) });
  });
  for (const side of values.large ? [10, 14, 32, 72, 128] : [10, 14, 32]) {
    const feeds = picture(side);
    await takeTurns(`encode, ${side * side} tokens`, async ({ sessions }) => {
      await sessions.vision.run(feeds);
    });
  }
  for (const count of values.large ? [130, 1024, 5000] : [130, 1024]) {
    await takeTurns(`prefill, ${count} tokens`, async ({ decoder }) => {
      (await decoder.extend(decoder.start(), [text(count)])).states.release();
    });
  }
  for (const past of values.large ? [1, 200, 400, 1024, 5000] : [1, 200, 400, 1024]) {
    // One history for both: the graphs differ in how they compute, not in what a cache holds.
    const { decoder: first } = variants.wasm ?? variants.any;
    const state = await first.extend(first.start(), [text(past)]);
    await takeTurns(`decode, 1 token after ${past}`, async ({ decoder }) => {
      (await decoder.extend(state, [text(1)])).states.release();
    });
    state.states.release();
  }
}

/**
 * @param {string} name
 * @param {(variant: Awaited<ReturnType<typeof open>>) => Promise<void>} run
 */
async function takeTurns(name, run) {
  /** @type {Record<string, Sample[]>} */
  const samples = {};
  // The first round warms up.
  for (let round = 0; round <= repeats; round++) {
    for (const [key, variant] of Object.entries(variants)) {
      const cpu = process.cpuUsage();
      const begin = performance.now();
      await run(variant);
      const wall = performance.now() - begin;
      const { user, system } = process.cpuUsage(cpu);
      if (round > 0) (samples[key] ??= []).push({ wall, cpu: (user + system) / 1000 });
    }
  }
  cases[name] = Object.fromEntries(
    Object.entries(samples).map(([key, list]) => {
      const walls = list.map(({ wall }) => wall).toSorted((a, b) => a - b);
      const median = walls[Math.floor(walls.length / 2)] ?? NaN;
      return [
        key,
        {
          median: round3(median),
          least: round3(Math.min(...walls)),
          cpu: round3(Math.min(...list.map(({ cpu }) => cpu))),
        },
      ];
    }),
  );
  console.error(name, JSON.stringify(cases[name]));
}

/** @param {number} side tokens per side */
function picture(side) {
  const patches = (side * image.mergeSize) ** 2;
  const width = 3 * image.temporalPatchSize * image.patchSize ** 2;
  const pixels = Float32Array.from({ length: patches * width }, (_, i) => Math.sin(i));
  const sides = BigInt(side * image.mergeSize);
  return {
    pixel_values: new ort.Tensor('float32', pixels, [patches, width]),
    image_grid_thw: new ort.Tensor('int64', BigInt64Array.of(1n, sides, sides), [1, 3]),
  };
}

/** @param {number} count @returns {import('../../src/engine/decoder.ts').Segment} */
function text(count) {
  return { kind: 'text', ids: Array.from({ length: count }, (_, i) => 5 + (i % 200)) };
}

/** @param {number} value */
function round3(value) {
  return Number(value.toPrecision(3));
}
