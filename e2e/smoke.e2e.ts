import { AxeBuilder } from '@axe-core/playwright';
import { RUNTIME_BUILDS, runtimeFile } from '../src/core/contracts/runtime-files.ts';
import { expect, test } from './lib/test.ts';

test('the page opens, isolated and without errors', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto('./');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('ergo-web');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(errors).toEqual([]);
});

test('axe finds nothing', async ({ page }) => {
  await page.goto('./');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((violation) => violation.id)).toEqual([]);
});

test('the runtime is served by the page itself', async ({ request }) => {
  for (const build of RUNTIME_BUILDS) {
    const response = await request.head(`./ort/${runtimeFile(build, 'wasm')}`);
    expect(response.headers()['content-type']).toBe('application/wasm');
  }
});
