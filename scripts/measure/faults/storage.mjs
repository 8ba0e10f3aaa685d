/** Too little room for the model, storage that is emptied, and two tabs at once. */
import { alerts, answers, ask, openSample } from './bench.mjs';

export const group = 'storage';

/** @param {import('./bench.mjs').Bench} bench @returns {AsyncGenerator<import('./bench.mjs').Result>} */
export async function* faults(bench) {
  const { origin } = new URL(bench.url);
  {
    const context = await bench.context();
    const blank = await context.newPage();
    const session = await context.newCDPSession(blank);
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 });
    const page = await bench.open(context);
    await openSample(page);
    const first = await ask(page);
    const told = first.startsWith('answer') ? await alerts(page) : [first];
    const fault = 'quota of 2 MB, smaller than the model';
    yield { fault, told: told.join(' '), recovered: await answers(page) };
    await context.close();
  }
  {
    const page = await bench.open();
    await openSample(page);
    await ask(page);
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    const told = await alerts(page);
    const fault = 'everything stored is cleared under the page';
    yield { fault, told: told.join(' '), recovered: await answers(page) };
    await page.context().close();
  }
  {
    const context = await bench.context();
    const pages = await Promise.all([bench.open(context), bench.open(context)]);
    const outcomes = [];
    for (const page of pages) {
      await openSample(page);
      outcomes.push(await ask(page));
    }
    const told = outcomes.filter((one) => !one.startsWith('answer')).join(' ');
    const both = await Promise.all(pages.map(answers));
    const fault = 'two tabs fetch the model at once, and ask at once';
    yield { fault, told, recovered: both.every(Boolean) };
    await pages[0]?.close();
    const [, second] = pages;
    const recovered = second !== undefined && (await answers(second));
    yield { fault: 'one of two tabs is closed', told: '', recovered };
    await context.close();
  }
}
