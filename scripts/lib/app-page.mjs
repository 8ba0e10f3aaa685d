/** The built page in a browser, driven through its door for scripts (`window.ergo`). */
import path from 'node:path';
import { memoryMeter } from './memory.mjs';
import { servedModel } from './model-folder.mjs';
import { openBrowser } from './open-browser.mjs';
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
 * @param {import('./browser-args.mjs').BrowserChoice} choice
 * @param {string} [asked] the model that will be asked for: a folder of this computer is served
 * @param {string} [site] another build, to compare with
 * @returns a page that must be closed
 */
export async function openAppPage(choice, asked, site = path.join(ROOT, 'dist')) {
  const { model, mounts } = servedModel(asked);
  const server = await serveFolder(path.resolve(site), choice.port, choice.host, mounts);
  const browser = await openBrowser(choice, server.url).catch((error) => {
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
    const memory = choice.remote === null ? await memoryMeter(browser) : null;
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
     * @returns {Promise<{ last: AutomationEvent | undefined, grids: string[], peakMemoryBytes: number | null }>}
     *   the last event, and the token grid of each view
     * @throws PageGone
     */
    const ask = async (picture, request, onEvent, quiet = false) => {
      /** @type {AutomationEvent | undefined} */
      let last;
      listener = (event) => {
        last = event;
        onEvent(event);
      };
      const run = (async () => {
        await input.setInputFiles(path.resolve(picture));
        await memory?.reset();
        return page.evaluate(
          async ({ element, request, quiet }) => {
            const { ergo, ergoEvent } =
              /** @type {{ ergo: Automation, ergoEvent: (event: AutomationEvent) => Promise<void> }} */ (
                /** @type {unknown} */ (window)
              );
            const file = element.files?.[0];
            if (!file) throw new Error('The browser did not take the picture.');
            /** @type {string[]} */
            const grids = [];
            for await (const event of ergo.ask(file, request)) {
              if (event.type === 'run' && event.event.type === 'picture-viewed') {
                const { rows, columns } = event.event.view.patches.size.grid;
                grids.push(`${columns}x${rows}`);
              }
              if (!quiet || event.type !== 'run') await ergoEvent(event);
            }
            return grids;
          },
          {
            element: input,
            request: { ...request, ...(model !== undefined && { model }) },
            quiet,
          },
        );
      })();
      // Playwright's own error about a closed page comes first when the browser is killed.
      run.catch(() => undefined);
      const grids = await Promise.race([gone, run]).catch((error) => {
        if (error instanceof PageGone || browser.isConnected()) throw error;
        throw new PageGone('The browser ended.', true);
      });
      const peakMemoryBytes = (await memory?.peak()) ?? null;
      return { last, grids, peakMemoryBytes };
    };
    const isMeasured = memory !== null;
    return { page, url: server.url, model, isMeasured, version: browser.version(), ask, close };
  } catch (error) {
    await close();
    throw error;
  }
}
