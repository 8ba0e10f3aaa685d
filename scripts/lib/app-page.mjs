/** The built page in a headless Chromium, driven through its door for scripts (`window.ergo`). */
import path from 'node:path';
import { CHROME_FLAGS, ensureBrowser } from './browser.mjs';
import { ROOT } from './run.mjs';
import { serveFolder } from './static-server.mjs';

/** @typedef {import('../../src/core/contracts/automation.ts').Automation} Automation */
/** @typedef {import('../../src/core/contracts/automation.ts').AutomationEvent} AutomationEvent */
/** @typedef {import('../../src/core/contracts/automation.ts').AutomationRequest} AutomationRequest */

/** How long the page may take until its door is open, milliseconds. */
const START = 60_000;

/** The page is gone and a new one has to be opened; the browser may still be there. */
export class PageGone extends Error {
  /** @param {string} message @param {boolean} isBrowserGone */
  constructor(message, isBrowserGone) {
    super(message);
    this.isBrowserGone = isBrowserGone;
  }
}

/**
 * Needs dist/ to be there. One page, so that a model is loaded once for all questions.
 * @returns a page that must be closed
 */
export async function openAppPage() {
  const { chromium } = await import('@playwright/test');
  const server = await serveFolder(path.join(ROOT, 'dist'), 0);
  const browser = await chromium
    .launch({ executablePath: await ensureBrowser(), args: CHROME_FLAGS })
    .catch((error) => {
      server.close();
      throw error;
    });
  const close = async () => {
    await browser.close();
    server.close();
  };
  try {
    const page = await browser.newPage();
    // A crashed page would leave an evaluation waiting for ever.
    /** @type {Promise<never>} */
    const gone = new Promise((_, reject) => {
      browser.on('disconnected', () => reject(new PageGone('The browser ended.', true)));
      page.on('crash', () =>
        reject(new PageGone('The page crashed, probably out of memory.', false)),
      );
    });
    // It is awaited only while a question runs.
    gone.catch(() => undefined);
    /** @type {((event: AutomationEvent) => void) | undefined} */
    let listener;
    await page.exposeFunction('ergoEvent', (/** @type {AutomationEvent} */ event) =>
      listener?.(event),
    );
    await page.goto(server.url);
    await page.waitForFunction(() => 'ergo' in window, undefined, { timeout: START });
    // An input of our own, so that no part of the page's looks is relied on.
    const input = await page.evaluateHandle(() => {
      const element = document.createElement('input');
      element.type = 'file';
      element.hidden = true;
      return document.body.appendChild(element);
    });

    /**
     * One run.
     * @param {string} picture path of a file
     * @param {AutomationRequest} request
     * @param {(event: AutomationEvent) => void} onEvent
     * @param {boolean} [quiet] only loading, report and failed: a message per token takes time
     * @returns {Promise<AutomationEvent | undefined>} the last event
     * @throws PageGone
     */
    const ask = async (picture, request, onEvent, quiet = false) => {
      /** @type {AutomationEvent | undefined} */
      let last;
      listener = (event) => {
        last = event;
        onEvent(event);
      };
      const run = input.setInputFiles(path.resolve(picture)).then(() =>
        page.evaluate(
          async ({ element, request, quiet }) => {
            const { ergo, ergoEvent } =
              /** @type {{ ergo: Automation, ergoEvent: (event: AutomationEvent) => Promise<void> }} */ (
                /** @type {unknown} */ (window)
              );
            const file = element.files?.[0];
            if (!file) throw new Error('The browser did not take the picture.');
            for await (const event of ergo.ask(file, request)) {
              if (!quiet || event.type !== 'run') await ergoEvent(event);
            }
          },
          { element: input, request, quiet },
        ),
      );
      // Playwright's own error about a closed page comes first when the browser is killed.
      run.catch(() => undefined);
      await Promise.race([gone, run]).catch((error) => {
        if (error instanceof PageGone || browser.isConnected()) throw error;
        throw new PageGone('The browser ended.', true);
      });
      return last;
    };
    return { page, url: server.url, version: browser.version(), ask, close };
  } catch (error) {
    await close();
    throw error;
  }
}
