/** The GPU's process is killed: while nothing is asked, in a run, and while the model loads. */
import { alerts, ask, ended, press } from './bench.mjs';

/** @typedef {import('./bench.mjs').Page} Page */

export const group = 'gpu';

/** A few tokens: each takes a second on a GPU that is emulated in software. */
const SMALL = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="112" height="112"><rect width="112" height="112" fill="teal"/></svg>',
);

/** @param {import('./bench.mjs').Bench} bench @returns {AsyncGenerator<import('./bench.mjs').Result>} */
export async function* faults(bench) {
  const page = await bench.open(undefined, '?device=webgpu');
  const session = await bench.browser.newBrowserCDPSession();
  const kill = () => session.send('Browser.crashGpuProcess').catch(() => undefined);
  await page.getByRole('button', { name: /^Load / }).click();
  const loading = page.getByRole('button', { name: 'Cancel' });
  await loading.waitFor();
  await page.getByText(/^Starting|^Preparing/).waitFor();
  await kill();
  await loading.waitFor({ state: 'hidden' });
  const begun = await alerts(page);
  await openSmall(page);
  yield { fault: 'GPU process killed while the model loads', ...(await after(page, begun)) };

  await kill();
  await page.waitForTimeout(3000);
  const idle = await alerts(page);
  yield { fault: 'GPU process killed, nothing is asked', ...(await after(page, idle)) };

  await press(page);
  await page.waitForTimeout(2000);
  await kill();
  const told = await ended(page);
  yield { fault: 'GPU process killed in a run', ...(await after(page, told)) };
  await page.context().close();
}

/** @param {Page} page */
async function openSmall(page) {
  const png = await page.evaluate(async (svg) => {
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 112;
    canvas.getContext('2d')?.drawImage(image, 0, 0);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  }, SMALL.toString());
  const buffer = Buffer.from(png, 'base64');
  await page
    .getByLabel('Picture file')
    .setInputFiles({ name: 'small.png', mimeType: 'image/png', buffer });
  await page.getByRole('button', { name: 'Another picture' }).waitFor();
  await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
}

/**
 * A question that meets a device that is gone may fail once, and says so.
 * @param {Page} page @param {string[]} told
 */
async function after(page, told) {
  let last = await ask(page);
  const said = [...told];
  if (!last.startsWith('answer')) {
    said.push(last);
    last = await ask(page);
  }
  const place = await page.getByRole('region', { name: 'Model' }).textContent();
  const where = /the processor/.test(place ?? '')
    ? 'goes on on the processor'
    : 'goes on on the GPU';
  const recovered =
    last.startsWith('answer') && (await page.evaluate(() => 'isSamePage' in globalThis));
  return { told: [...said, `(${where})`].join(' '), recovered };
}
