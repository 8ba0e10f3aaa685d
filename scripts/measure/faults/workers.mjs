/** Workers that throw, end without a word, or hang: while nothing is asked, and in a run. */
import { alerts, answers, ask, ended, openSample, press } from './bench.mjs';

/** @typedef {import('./bench.mjs').Page} Page */
/** @typedef {import('./bench.mjs').Bench} Bench */
/** @typedef {'imaging' | 'engine'} Kind */

/** @type {import('./bench.mjs').Group} */
export const imaging = { group: 'imaging', faults: (bench) => faults(bench, 'imaging') };
/** @type {import('./bench.mjs').Group} */
export const engine = { group: 'engine', faults: (bench) => faults(bench, 'engine') };

const FAULTS = {
  throws: () =>
    void setTimeout(() => {
      throw new Error('a fault of the test');
    }),
  'ends without a word': () => void setTimeout(() => globalThis.close()),
  hangs: () =>
    void setTimeout(() => {
      for (;;);
    }),
};

/**
 * @param {Bench} bench @param {Kind} kind
 * @returns {AsyncGenerator<import('./bench.mjs').Result>}
 */
async function* faults(bench, kind) {
  for (const [name, fault] of Object.entries(FAULTS)) {
    const page = await bench.open();
    await openSample(page);
    await ask(page);
    await strike(page, kind, fault);
    // A hang shows only once somebody waits.
    await page.waitForTimeout(1000);
    const idle = name === 'hangs' ? await hung(page) : await alerts(page);
    const told = idle.join(' ');
    yield { fault: `${kind} worker ${name}`, told, recovered: await answers(page) };
    await press(page);
    await strike(page, kind, fault);
    if (name === 'hangs') await endIt(page);
    const inRun = (await ended(page)).join(' ');
    yield { fault: `the same in a run`, told: inRun, recovered: await answers(page) };
    await page.context().close();
  }
  yield await stopped(bench, kind);
}

/** @param {Page} page @returns {Promise<string[]>} what is said to whoever asks */
async function hung(page) {
  await press(page);
  const silence = await endIt(page);
  return [silence, ...(await ended(page))].filter(Boolean);
}

/**
 * Nobody ends the worker by hand: the question is stopped, and the next one asked at once.
 * @param {Bench} bench @param {Kind} kind
 */
async function stopped(bench, kind) {
  const page = await bench.open();
  await openSample(page);
  await ask(page);
  await strike(page, kind, FAULTS.hangs);
  await press(page);
  // Until then it may be at something that the other worker does.
  await page.getByText(/^No progress for/).waitFor();
  const begun = Date.now();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await ended(page);
  const seconds = Math.round((Date.now() - begun) / 1000);
  const again = Date.now();
  const recovered = await answers(page);
  const waited = Math.round((Date.now() - again) / 1000);
  const told = `Stop ended after ${seconds} s, the next question was answered after ${waited} s.`;
  await page.context().close();
  return { fault: `${kind} worker hangs, the question is stopped`, told, recovered };
}

/** @param {Page} page @param {Kind} kind @param {() => void} fault */
async function strike(page, kind, fault) {
  // One that is gone may still be listed.
  const worker = page.workers().findLast((one) => one.url().includes(`${kind}.worker`));
  if (!worker) throw new Error(`There is no ${kind} worker.`);
  await worker.evaluate(fault);
}

/** @param {Page} page @returns {Promise<string>} what is said of the silence; empty if it went on */
async function endIt(page) {
  const button = page.getByRole('button', { name: 'End it' });
  const over = page.getByRole('button', { name: 'Ask', exact: true });
  await button.or(over).first().waitFor();
  if (!(await button.isVisible())) return '';
  const said = await page.getByText(/^No progress for/).textContent();
  await button.click();
  return said ?? '';
}
