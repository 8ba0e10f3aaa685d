/**
 * Time from decoded pixels to patches: the imaging worker against the stock processor of
 * transformers.js, in one page, alternating. Nothing is encoded.
 * `node scripts/measure/preprocessing.mjs [--rounds 9]`; prints one JSON object.
 */
import { parseArgs } from 'node:util';
import { commitOf, processor, versions } from '../bench/environment.mjs';
import { openAppPage } from '../lib/app-page.mjs';
import { browserChoice } from '../lib/browser-args.mjs';
import { ensureBuild } from '../lib/build.mjs';
import { fail } from '../lib/run.mjs';

/** @typedef {import('../../src/core/contracts/automation.ts').Automation} Automation */
/** @typedef {import('../../src/core/contracts/automation.ts').EngineName} EngineName */
/** @typedef {{ decode: number, resize: number, patchify: number, width: number, height: number }} Sample */

/** Vision tokens of the view: 1344 x 1008 pixels. */
const TOKENS = 1728;
/** The view's own size, where nothing has to be resized, and a photograph of 12 megapixels. */
const SOURCES = [
  [1344, 1008],
  [4032, 3024],
];

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) fail(`--rounds ${values.rounds}: a whole number.`);
const status = await ensureBuild();
if (status !== 0) process.exit(status);
const choice = browserChoice({}, 'wasm');
const app = await openAppPage(choice);
try {
  const pictures = [];
  for (const [width = 0, height = 0] of SOURCES) {
    /** @type {Record<EngineName, Sample[]>} */
    const samples = { ergo: [], 'transformers.js': [] };
    const file = await draw(width, height);
    // The first round loads and compiles, and is left out.
    for (let round = 0; round <= rounds; round++) {
      /** @type {EngineName[]} */
      const order = ['ergo', 'transformers.js'];
      if (round % 2 === 1) order.reverse();
      for (const engine of order) {
        const sample = await measure(engine, file);
        if (round > 0) samples[engine].push(sample);
      }
      console.error(`${width} x ${height}: ${round} of ${rounds} rounds`);
    }
    const ours = summary(samples.ergo);
    const stock = summary(samples['transformers.js']);
    pictures.push({
      source: [width, height],
      ours,
      stock,
      ratio: round2(stock.total / ours.total),
    });
  }
  const report = {
    what: 'milliseconds from decoded pixels to patches, medians',
    machine: { processor: processor(choice), browser: app.version },
    commit: commitOf(),
    versions: versions(),
    rounds,
    pictures,
  };
  console.log(JSON.stringify(report, null, 2));
} finally {
  await app.close();
}

/**
 * A picture that the page draws itself.
 * @param {number} width @param {number} height
 */
function draw(width, height) {
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
  }, /** @type {const} */ ([width, height]));
}

/**
 * One view.
 * @param {EngineName} engine @param {Awaited<ReturnType<typeof draw>>} file
 * @returns {Promise<Sample>} milliseconds, and the size of the view
 */
async function measure(engine, file) {
  const result = await app.page.evaluate(
    async ({ engine, file, tokens }) => {
      const { ergo } = /** @type {{ ergo: Automation }} */ (/** @type {unknown} */ (globalThis));
      const request = /** @type {const} */ ({
        question: '',
        policy: 'full-resolution',
        device: 'wasm',
        budgets: { fullResolution: tokens },
      });
      // Leaving at the first view ends the run before anything is encoded.
      for await (const event of ergo.ask(file, { ...request, engine })) {
        if (event.type === 'failed') return { error: event.error.message };
        if (event.type !== 'run' || event.event.type !== 'picture-viewed') continue;
        const { timings, patches } = event.event.view;
        const { width, height } = patches.size;
        return { sample: { ...timings, width, height } };
      }
      return { error: 'The run ended without a view.' };
    },
    { engine, file, tokens: TOKENS },
  );
  if (result.sample) return result.sample;
  throw new Error(`${engine}: ${result.error}`);
}

/** @param {Sample[]} samples */
function summary(samples) {
  const [{ width, height } = { width: 0, height: 0 }] = samples;
  const totals = samples.map(({ resize, patchify }) => resize + patchify);
  return {
    view: [width, height],
    decode: round2(median(samples.map(({ decode }) => decode))),
    resize: round2(median(samples.map(({ resize }) => resize))),
    patchify: round2(median(samples.map(({ patchify }) => patchify))),
    total: round2(median(totals)),
    samples: totals.map(round2),
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
