/**
 * Hostile files through one page: is each seen as the browser shows it, or refused with a reason?
 * `node scripts/measure/hostile.mjs [--list]`; prints a table, and with --list every file. Exit
 * status 1 if one crashed, hung or was seen in a wrong frame.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { browserChoice } from '../lib/browser-args.mjs';
import { importSource } from '../lib/import-source.mjs';
import { openBrowser } from '../lib/open-browser.mjs';
import { ROOT } from '../lib/run.mjs';
import { serveFolder } from '../lib/static-server.mjs';
import { hostileFiles } from './hostile-files.mjs';

/** @typedef {{ verdict: string, code?: string, says?: string }} Verdict */

/** Milliseconds for a file of some kilobytes. */
const PATIENCE = 30_000;
const FAULTS = ['crashed', 'hung', 'threw', 'wrong frame', 'refused without a reason'];

const { values } = parseArgs({ options: { list: { type: 'boolean', default: false } } });
/** @type {typeof import('../../e2e/lib/pictures.ts')} */
const generators = await importSource('e2e/lib/pictures.ts');
/** @type {typeof import('../../e2e/lib/bare-page.ts')} */
const { buildBarePage } = await importSource('e2e/lib/bare-page.ts');
const site = path.join(ROOT, '.cache', 'hostile');
await buildBarePage(path.join(ROOT, 'e2e/lib/imaging.html'), site);
const server = await serveFolder(site, 0);
const browser = await openBrowser(browserChoice({}, 'wasm'), server.url);
/** @type {Map<string, string[]>} */
const found = new Map();
let pages = 0;
try {
  const files = hostileFiles(generators);
  let page = await open();
  for (const { name, bytes } of files) {
    const { verdict, code, says } = await judge(page, bytes);
    const isTold = !verdict.startsWith('refused') || Boolean(code && says);
    const kind = isTold ? [verdict, code].filter(Boolean).join(': ') : 'refused without a reason';
    found.set(kind, [...(found.get(kind) ?? []), name]);
    if (verdict === 'crashed' || verdict === 'hung') page = await open();
  }
  console.log(`Chromium ${browser.version()}, ${files.length} files, ${pages} page\n`);
  console.log('| what came | files |\n| --- | --- |');
  for (const [kind, names] of [...found].sort((a, b) => b[1].length - a[1].length)) {
    console.log(`| ${kind} | ${names.length} |`);
    if (values.list) for (const name of names) console.log(`|   ${name} | |`);
  }
  if ([...found.keys()].some((kind) => FAULTS.includes(kind.split(':')[0] ?? '')))
    process.exitCode = 1;
} finally {
  await browser.close();
  server.close();
}

async function open() {
  const page = await browser.newPage();
  await page.goto(`${server.url}e2e/lib/imaging.html`);
  await page.waitForFunction(() => 'imaging' in globalThis);
  pages++;
  return page;
}

/** @param {import('@playwright/test').Page} page @param {Buffer} bytes @returns {Promise<Verdict>} */
async function judge(page, bytes) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<Verdict>} */
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve({ verdict: 'hung' }), PATIENCE);
  });
  const verdict = page
    .evaluate((file) => {
      const { imaging } =
        /** @type {{ imaging: import('../../e2e/lib/imaging-page.ts').Imaging }} */ (
          /** @type {unknown} */ (globalThis)
        );
      return imaging.judge(file);
    }, bytes.toString('base64'))
    .catch((/** @type {unknown} */ thrown) => ({
      verdict: page.isClosed() || /crash/i.test(String(thrown)) ? 'crashed' : 'threw',
      code: String(thrown).split('\n')[0] ?? '',
    }));
  const first = await Promise.race([verdict, late]);
  clearTimeout(timer);
  return first;
}
