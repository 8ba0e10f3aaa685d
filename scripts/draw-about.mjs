/**
 * `node scripts/draw-about.mjs`: draws what the page is known by elsewhere, from scripts/draw and
 * from the built page itself: icons, the picture that a link to the page shows, and the screenshots
 * of an installer. Needed again when the page looks different.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { CHROME_FLAGS, ensureBrowser } from './lib/browser.mjs';
import { ensureBuild } from './lib/build.mjs';
import { fail, ROOT } from './lib/run.mjs';
import { serveFolder } from './lib/static-server.mjs';

/** @typedef {import('@playwright/test').Browser} Browser */
/** @typedef {import('../src/core/run/report.ts').ReportedRegion} Region */

const ICONS = path.join(ROOT, 'public', 'icons');
const ABOUT = path.join(ROOT, 'public', 'about');
const SAMPLE = 'spring-meadow';

if ((await ensureBuild()) !== 0) fail('The build failed; see above.');
mkdirSync(ICONS, { recursive: true });
mkdirSync(ABOUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: await ensureBrowser(),
  args: CHROME_FLAGS,
});
const site = await serveFolder(path.join(ROOT, 'dist'), 0);
try {
  await drawIcons(browser);
  await drawLinkPicture(browser, ...(await photographPage(browser, site.url)));
} finally {
  site.close();
  await browser.close();
}

/** @param {Browser} browser */
async function drawIcons(browser) {
  const svg = readFileSync(path.join(ICONS, 'icon.svg'), 'utf8');
  // Systems that cut icons to their own form need the ground everywhere, and the motif in a circle
  // of four fifths.
  const whole = svg
    .replace('rx="96"', '')
    .replace('<g id="motif">', '<g transform="translate(38.4 38.4) scale(0.85)">');
  const pictures = /** @type {const} */ ([
    ['icon-192.png', svg, 192],
    ['icon-512.png', svg, 512],
    ['maskable-512.png', whole, 512],
    ['apple-touch-icon.png', whole, 180],
  ]);
  for (const [name, source, size] of pictures) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${source}`);
    await page.screenshot({ path: path.join(ICONS, name), omitBackground: true });
    await page.close();
  }
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @returns {Promise<[string, Region]>} a sample's file, and where the model looked in it
 */
async function photographPage(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${url}?device=wasm`);
  const samples = JSON.parse(readFileSync(path.join(ROOT, 'public/samples/samples.json'), 'utf8'));
  const { title, file, questions } = samples.find(
    (/** @type {{ id: string }} */ { id }) => id === SAMPLE,
  );
  await page.getByRole('button', { name: title }).click();
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.getByTestId('ratio').waitFor({ timeout: 120_000 });
  await page.evaluate(() => scrollTo(0, 0));
  await shoot(page, 'screen-wide.jpg');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByTestId('answer').scrollIntoViewIfNeeded();
  await shoot(page, 'screen-narrow.jpg');
  const asked = { url: `${url}samples/${file}`, question: questions[0].text };
  const region = await page.evaluate(async ({ url, question }) => {
    const picture = await (await fetch(url)).blob();
    const request = { question, device: 'wasm', policy: 'coarse-to-fine' };
    const { ergo } = /** @type {any} */ (globalThis);
    for await (const event of ergo.ask(picture, request)) {
      if (event.type === 'report') return event.report.regions[0];
      if (event.type === 'failed') throw new Error(event.error.message);
    }
    throw new Error('There was no report.');
  }, asked);
  return [file, region];
}

/** @param {Browser} browser @param {string} file @param {Region} region */
async function drawLinkPicture(browser, file, region) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 630 } });
  await page.goto(`file://${path.join(ROOT, 'scripts/draw/link-picture.html')}`);
  await page.evaluate(
    ([file, region]) => /** @type {any} */ (globalThis).draw(file, region),
    /** @type {const} */ ([file, region]),
  );
  await shoot(page, 'link.jpg');
}

/** @param {import('@playwright/test').Page} page @param {string} name */
async function shoot(page, name) {
  await page.screenshot({ path: path.join(ABOUT, name), type: 'jpeg', quality: 85 });
}
