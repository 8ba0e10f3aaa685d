/**
 * `npm run ask -- PICTURE "QUESTION"`: asks the built page in a headless Chromium, through the
 * door that it keeps open for scripts (src/core/contracts/automation.ts).
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { parseAsk, USAGE, UsageError } from './ask/args.mjs';
import { describe } from './ask/print.mjs';
import { CHROME_FLAGS, ensureBrowser } from './lib/browser.mjs';
import { ensureBuild } from './lib/build.mjs';
import { ensureDeps } from './lib/deps.mjs';
import { ROOT } from './lib/run.mjs';
import { serveFolder } from './lib/static-server.mjs';

/** @typedef {import('../src/core/contracts/automation.ts').Automation} Automation */
/** @typedef {import('../src/core/contracts/automation.ts').AutomationEvent} AutomationEvent */
/** @typedef {import('./ask/args.mjs').Ask} Ask */

/** How long the page may take until its door is open, milliseconds. */
const START = 60_000;

const argv = process.argv.slice(2);
/** Nothing of ours may come after the JSON line, so the last line is printed in one place. */
process.exitCode = await main(argv).catch((error) => failed('internal', messageOf(error), 1));

/** @param {string[]} argv @returns {Promise<number>} exit status */
async function main(argv) {
  let ask;
  try {
    ask = parseAsk(argv);
    if (!statSync(ask.picture, { throwIfNoEntry: false })?.isFile()) {
      throw new UsageError(`${ask.picture} is not a file.`);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(USAGE);
    return failed('bad-request', error.message, 2);
  }
  await ensureDeps();
  if ((await ensureBuild()) !== 0) return failed('internal', 'The page could not be built.', 1);
  const last = await drive(ask, (event) => {
    if (!ask.json) process.stdout.write(describe(event));
  });
  if (last?.type === 'report') {
    if (ask.json) console.log(JSON.stringify(last.report));
    return 0;
  }
  const { code, message } = last?.type === 'failed' ? last.error : UNFINISHED;
  return failed(code, message, 1);
}

const UNFINISHED = { code: 'internal', message: 'The page ended without an answer.' };

/**
 * @param {Ask} ask
 * @param {(event: AutomationEvent) => void} onEvent
 * @returns {Promise<AutomationEvent | undefined>} the last event
 */
async function drive({ picture, request }, onEvent) {
  const { chromium } = await import('@playwright/test');
  const server = await serveFolder(path.join(ROOT, 'dist'), 0);
  const browser = await chromium.launch({
    executablePath: await ensureBrowser(),
    args: CHROME_FLAGS,
  });
  /** @type {AutomationEvent | undefined} */
  let last;
  try {
    const page = await browser.newPage();
    // A crashed page would leave the evaluation below waiting forever.
    const crash = new Promise((_, reject) => {
      page.on('crash', () => reject(new Error('The page crashed, probably out of memory.')));
    });
    await page.exposeFunction('ergoEvent', (/** @type {AutomationEvent} */ event) => {
      last = event;
      onEvent(event);
    });
    await page.goto(server.url);
    await page.waitForFunction(() => 'ergo' in window, undefined, { timeout: START });
    // An input of our own, so that no part of the page's looks is relied on.
    const input = await page.evaluateHandle(() => {
      const element = document.createElement('input');
      element.type = 'file';
      element.hidden = true;
      return document.body.appendChild(element);
    });
    await input.setInputFiles(path.resolve(picture));
    const run = page.evaluate(
      async ({ element, request }) => {
        const { ergo, ergoEvent } =
          /** @type {{ ergo: Automation, ergoEvent: (event: AutomationEvent) => Promise<void> }} */ (
            /** @type {unknown} */ (window)
          );
        const file = element.files?.[0];
        if (!file) throw new Error('The browser did not take the picture.');
        for await (const event of ergo.ask(file, request)) await ergoEvent(event);
      },
      { element: input, request },
    );
    await Promise.race([run, crash]);
    return last;
  } finally {
    await browser.close();
    server.close();
  }
}

/** @param {string} code @param {string} message @param {number} status */
function failed(code, message, status) {
  if (argv.includes('--json')) console.log(JSON.stringify({ error: { code, message } }));
  else console.error(`\n${message}`);
  return status;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
