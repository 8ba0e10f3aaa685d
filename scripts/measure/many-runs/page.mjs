/** A page that is asked again and again, and what it holds. */
import { openBench } from '../faults/bench.mjs';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {{ heap: number, nodes: number, listeners: number }} Memory bytes, and counts */

/** The built page with one small picture. */
export async function openRuns() {
  const bench = await openBench();
  const page = await bench.open();
  await pickSmall(page);
  return { page, version: bench.browser.version(), close: bench.close };
}

/** One look at it costs a few tokens. @param {Page} page */
export async function pickSmall(page) {
  const url = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 112;
    const context = canvas.getContext('2d');
    if (context) context.fillStyle = 'teal';
    context?.fillRect(0, 0, 112, 112);
    return canvas.toDataURL('image/png');
  });
  const buffer = Buffer.from(url.split(',')[1] ?? '', 'base64');
  await page
    .getByLabel('Picture file')
    .setInputFiles({ name: 'small.png', mimeType: 'image/png', buffer });
  await page.getByRole('button', { name: 'Another picture' }).waitFor();
}

/**
 * Asks a question of its own and waits for its end. Not typed: for each text that is typed, the
 * browser keeps a node for its undo.
 * @param {Page} page @param {number} run
 */
export async function answered(page, run) {
  await page.getByLabel('Your question').evaluate((field, text) => {
    // React hears of what the prototype's own setter did.
    Reflect.set(HTMLTextAreaElement.prototype, 'value', text, field);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }, `What is number ${run} of the teal things?`);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
  const failures = await page.getByRole('alert').allTextContents();
  if (failures.length > 0) throw new Error(`Run ${run}: ${failures.join(' ')}`);
}

/** What is left after a garbage collection. @param {Page} page @returns {Promise<Memory>} */
export async function memoryOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  for (let pass = 0; pass < 3; pass++) await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  const of = (/** @type {string} */ name) =>
    metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return {
    heap: of('JSHeapUsedSize'),
    nodes: of('Nodes'),
    listeners: of('JSEventListeners'),
  };
}
