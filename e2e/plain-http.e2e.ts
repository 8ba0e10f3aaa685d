/** A host without TLS: no file system, no locks, no digests, no service worker, no GPU, one thread. */
import { expect, test } from './lib/test.ts';
import { RUN } from './lib/page.ts';

const HOST = 'http://plain.test';

test.use({ otherHosts: ['plain.test'] });

test('on plain http the benchmark runs', async ({ page, baseURL }) => {
  await page.route(`${HOST}/**`, async (route) => {
    const url = new URL(route.request().url().slice(HOST.length), baseURL).href;
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  await page.goto(`${HOST}/#/benchmark`);
  expect(await page.evaluate(() => [isSecureContext, 'subtle' in crypto])).toEqual([false, false]);
  const group = page.getByRole('group', { name: 'Ways of looking' });
  await group.getByRole('checkbox', { name: /^Coarse only/ }).check(RUN);
  await group.getByRole('checkbox', { name: /^Coarse to fine/ }).uncheck();
  await group.getByRole('checkbox', { name: /^Full resolution/ }).uncheck();
  await page.getByLabel(/^Questions, of/).fill('1');
  const progress = page.getByTestId('progress');
  await expect(progress).toContainText('0 of 1 runs', RUN);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(progress).toContainText('1 of 1 runs, done', { timeout: 240_000 });
  await expect(page.getByRole('alert')).toHaveCount(0);
});
