/** What every group of faults works with: the built page in a browser, asked as a person asks it. */
import path from 'node:path';
import { browserChoice } from '../../lib/browser-args.mjs';
import { openBrowser } from '../../lib/open-browser.mjs';
import { ROOT } from '../../lib/run.mjs';
import { serveFolder } from '../../lib/static-server.mjs';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('@playwright/test').Browser} Browser */
/** @typedef {import('@playwright/test').BrowserContext} Context */

/**
 * What came of one fault. `told`: what the page said, or nothing if nobody was to notice.
 * `recovered`: the same page answered afterwards, without a reload.
 * @typedef {{ fault: string, told: string, recovered: boolean }} Result
 */

/**
 * A module of one group exports these.
 * @typedef {{ group: string, faults: (bench: Bench) => AsyncGenerator<Result> }} Group
 */

/**
 * @typedef {{
 *   browser: Browser,
 *   url: string,
 *   context: () => Promise<Context>,
 *   open: (context?: Context, query?: string) => Promise<Page>,
 * }} Bench
 */

/** A run takes seconds; on a busy machine minutes. Milliseconds. */
export const PATIENCE = 240_000;

/** @returns {Promise<Bench & { close: () => Promise<void> }>} */
export async function openBench() {
  const server = await serveFolder(path.join(ROOT, 'dist'), 0);
  const browser = await openBrowser(browserChoice({}, 'wasm'), server.url);
  const context = () => browser.newContext();
  return {
    browser,
    url: server.url,
    context,
    async open(within, query = '?device=wasm') {
      const page = await (within ?? (await context())).newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.goto(server.url + query);
      return page;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** Opens a picture of the gallery. @param {Page} page */
export async function openSample(page) {
  await page.getByRole('button', { name: 'Hills at dusk' }).click();
  await page.getByRole('button', { name: 'Another picture' }).waitFor();
  // A reload would lose it.
  await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
}

let asked = 0;

/**
 * A question that was not asked before, so that an answer is its own.
 * @param {Page} page
 */
export async function press(page) {
  asked++;
  await page.getByLabel('Your question').fill(`What is number ${asked} of the red things?`);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  // A run that fails at once is over before anybody sees it.
  const stop = page.getByRole('button', { name: 'Stop', exact: true });
  await stop.waitFor({ timeout: 5000 }).catch(() => undefined);
}

/** Until nothing runs. @param {Page} page @returns {Promise<string[]>} what is told as a failure */
export async function ended(page) {
  await page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
  return alerts(page);
}

/** @param {Page} page */
export async function alerts(page) {
  const titles = await page.getByRole('alert').locator('strong').allTextContents();
  if (titles.length > 1) titles.push(`(${titles.length} alerts)`);
  return titles;
}

/** Asks, and waits. @param {Page} page @returns {Promise<string>} the answer, or why there is none */
export async function ask(page) {
  await press(page);
  const told = await ended(page);
  if (told.length > 0) return told.join(' ');
  const answer = page.getByTestId('answer');
  return (await answer.count()) > 0 ? `answer: ${await answer.textContent()}` : 'nothing';
}

/** Does the page that was opened answer, without having been opened again? @param {Page} page */
export async function answers(page) {
  const isSame = await page.evaluate(() => 'isSamePage' in globalThis);
  return isSame && (await ask(page)).startsWith('answer');
}
