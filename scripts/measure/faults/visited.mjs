/** A portal, a host in trouble, no network at all: after one good visit. */
import { alerts, answers, ask, openSample, PATIENCE } from './bench.mjs';
import { serveSite } from './network.mjs';

/** @typedef {import('../../lib/faulty-server.mjs').Fault} Fault */

export const group = 'visited';

/** @param {import('./bench.mjs').Bench} bench @returns {AsyncGenerator<import('./bench.mjs').Result>} */
export async function* faults(bench) {
  const server = await serveSite();
  const context = await bench.context();
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${server.url}?device=wasm`);
  await openSample(page);
  await ask(page);
  await page.waitForFunction(async () => {
    const kept = await (await caches.open('ergo-files-1')).keys();
    return kept.some(({ url }) => url.includes('samples/under-water.jpg'));
  });
  /** @type {readonly (readonly [string, Fault])[]} */
  const states = [
    ['a portal answers everything, also the page itself', 'html'],
    ['the host is in trouble (503)', 'error'],
    ['the network is gone', 'cut'],
    ['the network is back', undefined],
  ];
  for (const [fault, kind] of states) {
    server.setFault(() => kind);
    const told = await alerts(page);
    const stays = await answers(page);
    await page.goto(`${server.url}?device=wasm`);
    await openSample(page);
    const recovered = stays && (await answers(page));
    yield { fault: `after one visit: ${fault}; also opened anew`, told: told.join(' '), recovered };
  }
  await context.close();
  server.close();
}
