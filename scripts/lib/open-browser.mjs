/** A browser to drive: started here, or one that runs elsewhere. */
import { adapterFlags, isHardware, mayHaveGpu } from './adapter.mjs';
import { chromeFlags, ensureBrowser } from './browser.mjs';
import { pageFacts } from './page-facts.mjs';

/** @typedef {import('@playwright/test').Browser} Browser */
/** @typedef {import('./browser-args.mjs').BrowserChoice} BrowserChoice */

/** What `auto` came to; the machine does not change while a command runs. @type {'hardware' | 'swiftshader' | undefined} */
let found;

/**
 * @param {BrowserChoice} choice
 * @param {string} url of the page: WebGPU is shown to secure pages only
 * @returns {Promise<Browser>}
 */
export async function openBrowser(choice, url) {
  if (choice.remote !== null) return connect(choice.remote);
  if (choice.adapter !== 'auto') return launch(choice, choice.adapter);
  if (found === undefined && mayHaveGpu()) {
    const browser = await launch(choice, 'hardware');
    const page = await browser.newPage();
    await page.goto(url, { waitUntil: 'commit' });
    const { adapter } = await pageFacts(page);
    await page.close();
    if (isHardware(adapter)) {
      found = 'hardware';
      return browser;
    }
    await browser.close();
  }
  if (found === undefined) {
    console.error('Chrome finds no graphics card here; WebGPU is emulated in software.');
  }
  found ??= 'swiftshader';
  return launch(choice, found);
}

/** @param {BrowserChoice} choice @param {'hardware' | 'swiftshader'} adapter */
async function launch({ headed }, adapter) {
  const { chromium } = await import('@playwright/test');
  const args = chromeFlags(adapterFlags(adapter));
  return chromium.launch({ executablePath: await ensureBrowser(), headless: !headed, args });
}

/** @param {string} url */
async function connect(url) {
  const { chromium } = await import('@playwright/test');
  if (/^https?:/.test(url)) return chromium.connectOverCDP(url);
  // The page stays on our loopback, through the connection, and so is a secure one over there.
  return chromium.connect(url, { exposeNetwork: '<loopback>' });
}
