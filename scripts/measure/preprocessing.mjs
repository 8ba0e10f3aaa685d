/**
 * Time from a file to patches: the imaging worker against the stock processor of transformers.js,
 * and against the page as it was at another commit, alternating. Nothing is encoded.
 * `node scripts/measure/preprocessing.mjs [--rounds 9] [--before COMMIT]`; prints one JSON object.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { commitOf, processor, versions } from '../bench/environment.mjs';
import { openAppPage } from '../lib/app-page.mjs';
import { browserChoice } from '../lib/browser-args.mjs';
import { buildOf } from '../lib/build-of.mjs';
import { ensureBuild } from '../lib/build.mjs';
import { fail } from '../lib/run.mjs';

/** @typedef {import('../../src/core/contracts/automation.ts').Automation} Automation */
/** @typedef {import('../../src/core/contracts/automation.ts').EngineName} EngineName */
/** @typedef {{ decode: number, resize: number, patchify: number, width: number, height: number }} Sample */
/** @typedef {{ name: string, source: readonly [number, number], request: { policy: 'full-resolution' | 'coarse-only', budgets: { fullResolution?: number, coarse?: number } } }} View */
/** @typedef {{ name: string, app: Awaited<ReturnType<typeof openAppPage>>, engine: EngineName }} Contender */

/** 1344 x 1008 pixels. */
const LARGE = /** @type {const} */ ({
  policy: 'full-resolution',
  budgets: { fullResolution: 1728 },
});
const COARSE = /** @type {const} */ ({ policy: 'coarse-only', budgets: { coarse: 100 } });
/** A view's own size, where nothing has to be resized, and a photograph of 12 megapixels. */
/** @type {View[]} */
const VIEWS = [
  { name: '1344 x 1008 of the same size', source: [1344, 1008], request: LARGE },
  { name: '1344 x 1008 of 12 megapixels', source: [4032, 3024], request: LARGE },
  { name: 'coarse view of 12 megapixels', source: [4032, 3024], request: COARSE },
];

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, before: { type: 'string', default: '' } },
});
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) fail(`--rounds ${values.rounds}: a whole number.`);
const status = await ensureBuild();
if (status !== 0) process.exit(status);
const choice = browserChoice({}, 'wasm');
const app = await openAppPage(choice);
const earlier = values.before && (await buildOf(values.before));
const before = earlier ? await openAppPage(choice, undefined, earlier) : null;
try {
  /** @type {Contender[]} */
  const contenders = [
    { name: 'ours', app, engine: 'ergo' },
    { name: 'stock', app, engine: 'transformers.js' },
  ];
  if (before) contenders.push({ name: 'before', app: before, engine: 'ergo' });
  const views = [];
  for (const view of VIEWS) views.push(await compare(view, contenders));
  const report = {
    what: 'milliseconds, medians; toPatches is from decoded pixels, fromFile with decoding',
    machine: { processor: processor(choice), browser: app.version, load: loadavg()[0] },
    commit: commitOf(),
    versions: versions(),
    rounds,
    views,
  };
  console.log(JSON.stringify(report, null, 2));
} finally {
  await app.close();
  await before?.close();
}

/** @param {View} view @param {Contender[]} contenders */
async function compare(view, contenders) {
  /** @type {Record<string, Sample[]>} */
  const samples = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  const files = new Map();
  for (const { app } of contenders) files.set(app, await draw(app, view.source));
  // The first round loads and compiles, and is left out.
  for (let round = 0; round <= rounds; round++) {
    for (const { name, app, engine } of round % 2 ? contenders : contenders.toReversed()) {
      const sample = await measure(app, engine, files.get(app), view.request);
      if (round > 0) samples[name]?.push(sample);
    }
    console.error(`${view.name}: ${round} of ${rounds} rounds`);
  }
  const results = Object.fromEntries(
    Object.entries(samples).map(([name, all]) => [name, summary(all)]),
  );
  const ours = results['ours'];
  const ratios = Object.entries(results)
    .filter(([name]) => name !== 'ours')
    .map(([name, theirs]) => [
      name,
      {
        toPatches: round2(theirs.toPatches / (ours?.toPatches ?? 1)),
        fromFile: round2(theirs.fromFile / (ours?.fromFile ?? 1)),
      },
    ]);
  return { name: view.name, ...results, timesFaster: Object.fromEntries(ratios) };
}

/**
 * A picture that the page draws itself.
 * @param {Contender['app']} app @param {readonly [number, number]} size
 */
function draw(app, size) {
  return app.page.evaluateHandle(async ([width, height]) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('There is no canvas.');
    const colours = context.createLinearGradient(0, 0, width, height);
    for (let stop = 0; stop <= 8; stop++) {
      colours.addColorStop(stop / 8, `hsl(${stop * 137} 70% ${25 + stop * 7}%)`);
    }
    context.fillStyle = colours;
    context.fillRect(0, 0, width, height);
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  }, size);
}

/**
 * One view.
 * @param {Contender['app']} app @param {EngineName} engine
 * @param {Awaited<ReturnType<typeof draw>>} file @param {View['request']} view
 * @returns {Promise<Sample>} milliseconds, and the size of the view
 */
async function measure(app, engine, file, view) {
  const result = await app.page.evaluate(
    async ({ engine, file, view }) => {
      const { ergo } = /** @type {{ ergo: Automation }} */ (/** @type {unknown} */ (globalThis));
      const request = /** @type {const} */ ({ question: '', device: 'wasm' });
      // Leaving at the first view ends the run before anything is encoded.
      for await (const event of ergo.ask(file, { ...request, ...view, engine })) {
        if (event.type === 'failed') return { error: event.error.message };
        if (event.type !== 'run' || event.event.type !== 'picture-viewed') continue;
        const { timings, patches } = event.event.view;
        const { width, height } = patches.size;
        return { sample: { ...timings, width, height } };
      }
      return { error: 'The run ended without a view.' };
    },
    { engine, file, view },
  );
  if (result.sample) return result.sample;
  throw new Error(`${engine}: ${result.error}`);
}

/** @param {Sample[]} samples */
function summary(samples) {
  const [{ width, height } = { width: 0, height: 0 }] = samples;
  /** @param {(sample: Sample) => number} value */
  const of = (value) => round2(median(samples.map(value)));
  return {
    view: [width, height],
    decode: of(({ decode }) => decode),
    resize: of(({ resize }) => resize),
    patchify: of(({ patchify }) => patchify),
    toPatches: of(({ resize, patchify }) => resize + patchify),
    fromFile: of(({ decode, resize, patchify }) => decode + resize + patchify),
  };
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/** @param {number} value */
function round2(value) {
  return Math.round(value * 100) / 100;
}
