/** A network that loses scripts in the first visit, when no service worker is there to help. */
import path from 'node:path';
import { serveFaulty } from '../../lib/faulty-server.mjs';
import { ROOT } from '../../lib/run.mjs';
import { alerts, answers, ask, openSample, PATIENCE } from './bench.mjs';

/** @typedef {import('./bench.mjs').Bench} Bench */
/** @typedef {import('./bench.mjs').Result} Result */
/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {Awaited<ReturnType<typeof serveFaulty>>} Server */
/** @typedef {import('../../lib/faulty-server.mjs').Fault} Fault */

export const group = 'network';

/** How a fault is called. @type {readonly (readonly [NonNullable<Fault>, string])[]} */
export const KINDS = [
  ['html', "a portal's page with status 200"],
  ['error', 'status 503'],
  ['cut', 'no answer'],
  ['half', 'half of it'],
];

/** Scripts that come after the page itself. */
const LATE = [
  'assets/backend-',
  'assets/imaging.worker-',
  'assets/engine.worker-',
  'assets/transformers.web-',
  'assets/ort.wasm.min-',
  'ort/ort-wasm-simd-threaded.mjs',
  'ort/ort-wasm-simd-threaded.wasm',
];

/** @param {Bench} bench @returns {AsyncGenerator<Result>} */
export async function* faults(bench) {
  yield* lostScripts(bench);
  yield* lostForLong(bench);
}

/**
 * In the first visit, when no service worker is there to help.
 * @param {Bench} bench @returns {AsyncGenerator<Result>}
 */
async function* lostScripts(bench) {
  for (const [index, name] of LATE.entries()) {
    const [kind, called] = KINDS[index % KINDS.length] ?? ['cut', 'no answer'];
    const fault = `${name.replace(/-$/, '')} comes as ${called}, once`;
    yield await visit(bench, fault, (path, times) =>
      path.startsWith(name) && times < 1 ? kind : undefined,
    );
  }
  for (const [kind, called] of KINDS) {
    const fault = `every late script comes as ${called}, twice`;
    yield await visit(bench, fault, (path, times) =>
      LATE.some((name) => path.startsWith(name)) && times < 2 ? kind : undefined,
    );
  }
}

/**
 * @param {Bench} bench
 * @param {string} fault
 * @param {Parameters<Server['setFault']>[0]} faultOf
 * @returns {Promise<Result>}
 */
async function visit(bench, fault, faultOf) {
  const server = await serveSite();
  server.setFault(faultOf);
  const page = await firstVisit(bench, server);
  try {
    await openSample(page);
    const first = await ask(page);
    const told = first.startsWith('answer') ? await alerts(page) : [first];
    return { fault, told: told.join(' '), recovered: await answers(page) };
  } finally {
    await page.context().close();
    server.close();
  }
}

/**
 * Until the page has given up: then it says so, and a person asks again.
 * @param {Bench} bench @returns {AsyncGenerator<Result>}
 */
async function* lostForLong(bench) {
  for (const name of ['assets/engine.worker-', 'ort/ort-wasm-simd-threaded.wasm']) {
    const server = await serveSite();
    server.setFault((path) => (path.startsWith(name) ? 'cut' : undefined));
    const page = await firstVisit(bench, server);
    await openSample(page);
    const told = await ask(page);
    server.setFault(() => undefined);
    const fault = `${name.replace(/-$/, '')} does not come until the page gives up`;
    yield { fault, told, recovered: await answers(page) };
    await page.context().close();
    server.close();
  }
  for (const [name, button] of /** @type {const} */ ([
    ['assets/panel-', 'Models'],
    ['assets/benchmark-', 'Benchmark'],
  ])) {
    const server = await serveSite();
    server.setFault((path) => (path.startsWith(name) ? 'html' : undefined));
    const page = await firstVisit(bench, server);
    await page
      .getByRole('button', { name: button })
      .or(page.getByRole('link', { name: button }))
      .click();
    const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
    await again.waitFor();
    const told = await alerts(page);
    server.setFault(() => undefined);
    await again.click();
    await again.waitFor({ state: 'hidden' });
    const isOpen = page.getByRole('heading', { name: button }).first();
    await isOpen.waitFor();
    const fault = `${button}: its script does not come until the page gives up`;
    yield { fault, told: told.join(' '), recovered: await isOpen.isVisible() };
    await page.context().close();
    server.close();
  }
}

/** Without a service worker. @param {Bench} bench @param {Server} server @returns {Promise<Page>} */
async function firstVisit(bench, server) {
  const context = await bench.browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${server.url}?device=wasm`);
  return page;
}

export function serveSite() {
  return serveFaulty(path.join(ROOT, 'dist'));
}
