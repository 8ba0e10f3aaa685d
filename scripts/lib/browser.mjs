/** Which Chromium the tests and the command line use. */
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { adapterFlags } from './adapter.mjs';
import { aptInstall } from './apt.mjs';

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome'];

const FIXED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * No sandbox in containers, no chatter.
 * @param {readonly string[]} graphics of adapterFlags
 */
export function chromeFlags(graphics) {
  return [
    '--no-sandbox',
    ...graphics,
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ];
}

/** Of the tests: the same emulated adapter on every machine. */
export const CHROME_FLAGS = chromeFlags(adapterFlags('swiftshader'));

/**
 * An existing browser: CHROME_PATH, then the search path, then Playwright's own download.
 * @returns {string | undefined} its executable
 * @throws Error if CHROME_PATH is set to something that cannot be run
 */
export function findBrowser() {
  const wanted = process.env['CHROME_PATH'];
  if (wanted) {
    if (!isExecutable(wanted)) throw new Error(`CHROME_PATH=${wanted} cannot be executed.`);
    return wanted;
  }
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...candidates, ...FIXED].find(isExecutable) ?? playwrightBrowser();
}

/**
 * As findBrowser, but installs Chromium where there is none and apt can.
 * @returns {Promise<string>}
 */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  await aptInstall(['chromium']);
  const installed = findBrowser();
  if (installed) return installed;
  throw new Error(
    'No Chrome or Chromium was found. Install one, or set CHROME_PATH to its executable, ' +
      'or run `npx playwright install chromium`.',
  );
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function playwrightBrowser() {
  try {
    const { chromium } = createRequire(import.meta.url)('playwright-core');
    const file = String(chromium.executablePath());
    return existsSync(file) ? file : undefined;
  } catch {
    // Not installed yet, or no download for this system.
    return undefined;
  }
}
