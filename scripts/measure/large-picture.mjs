/**
 * `node scripts/measure/large-picture.mjs [--width 12000 --height 8400]`: memory of the browser
 * while the page looks at a 100-megapixel JPEG (the coarse view and three crops), as one JSON
 * object. Linux only: it reads /proc.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { browserChoice } from '../lib/browser-args.mjs';
import { ensureBuild } from '../lib/build.mjs';
import { memoryOf, processLister, setBack } from '../lib/memory.mjs';
import { openBrowser } from '../lib/open-browser.mjs';
import { ROOT } from '../lib/run.mjs';
import { serveFolder } from '../lib/static-server.mjs';
import { largeJpeg } from './large-jpeg.mjs';

const METHOD =
  'sum of the resident sets of all renderers and of the GPU process (VmRSS; VmHWM, set back before ' +
  'each step, for the peaks), less the same after a run on a small picture, which loads the model; ' +
  '"above" is less the RGBA bitmap of the original too';
const PATIENCE = { timeout: 200_000 };
const MIB = 2 ** 20;

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '12000' },
    height: { type: 'string', default: '8400' },
    /** Another build, to compare with. */
    site: { type: 'string', default: '' },
  },
});
const [width, height] = [Number(values.width), Number(values.height)];

if (!values.site && (await ensureBuild()) !== 0) throw new Error('The page could not be built.');
const file = path.join(ROOT, '.cache', `large-${width}x${height}.jpg`);
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, largeJpeg(width, height));
const server = await serveFolder(path.resolve(values.site || path.join(ROOT, 'dist')), 0);
const browser = await openBrowser(browserChoice({}, 'wasm'), server.url);
try {
  const processes = await processLister(browser);
  const page = await browser.newPage();
  await page.goto(`${server.url}?device=wasm`);

  /** @param {string} name @param {() => Promise<unknown>} what */
  const during = async (name, what) => {
    for (const { id } of await processes()) setBack(id);
    const started = performance.now();
    await what();
    const milliseconds = Math.round(performance.now() - started);
    return { name, milliseconds, ...(await memory()) };
  };
  const idle = async () => {
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Ask', exact: true }).waitFor(PATIENCE);
  };
  const ask = async () => {
    await page.getByLabel('Your question').fill('What is there?');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await idle();
  };
  /** @param {string} picture */
  const open = async (picture) => {
    await page.getByLabel('Picture file').setInputFiles(picture);
    await page.getByRole('button', { name: 'Another picture' }).waitFor(PATIENCE);
  };

  await open(path.join(ROOT, 'public/samples/thumbs/old-map.jpg'));
  await ask();
  await page.getByRole('button', { name: 'Another picture' }).click();
  const base = await memory();

  const steps = [
    await during('open', async () => {
      await open(file);
      // The browser draws the original until there is a coarse view.
      await page.waitForTimeout(3000);
    }),
    // With a region, or a fallback without one: the crops below count either way.
    await during('first run', ask),
  ];
  const region = page.getByRole('button', { name: /^Region at/ });
  const draw = page.getByRole('button', { name: 'Draw a region' });
  if (await draw.isVisible()) await draw.click();
  for (const crop of [1, 2, 3]) {
    steps.push(
      await during(`crop ${crop} by hand`, async () => {
        for (let i = 0; i < 5; i++) await region.press(crop % 2 ? 'ArrowLeft' : 'ArrowUp');
        await page.getByRole('button', { name: 'Ask again about this region' }).click();
        await idle();
      }),
    );
  }
  const bitmap = (4 * width * height) / MIB;
  const peak = Math.max(...steps.map(({ peakMiB }) => peakMiB));
  console.log(
    JSON.stringify({
      method: METHOD,
      browser: browser.version(),
      picture: { width, height, fileMiB: mib(readFileSync(file).length) },
      machine: { memoryMiB: mib(totalmem()), load: loadavg()[0] },
      bitmapMiB: Math.round(bitmap),
      base,
      steps,
      peakMiB: Math.round(peak - base.residentMiB),
      aboveMiB: Math.round(peak - base.residentMiB - bitmap),
    }),
  );

  async function memory() {
    const all = await processes();
    const sum = (/** @type {'VmRSS' | 'VmHWM'} */ name) =>
      mib(all.reduce((total, { id }) => total + (memoryOf(id, name) ?? 0), 0));
    const largest = Math.max(...all.map(({ id }) => memoryOf(id, 'VmHWM') ?? 0));
    return { residentMiB: sum('VmRSS'), peakMiB: sum('VmHWM'), largestMiB: mib(largest) };
  }
} finally {
  await browser.close();
  server.close();
}

/** @param {number} bytes */
function mib(bytes) {
  return Math.round(bytes / MIB);
}
