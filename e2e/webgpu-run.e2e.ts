/**
 * One whole run on WebGPU through the page's own controls. The adapter is SwiftShader, so this is
 * about being right, not about being fast.
 */
import type { Page } from '@playwright/test';
import { openSample } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

const SLOW = { timeout: 600_000 };

/** What the model wrote, word for word, and how much it read for it. */
async function runOn(page: Page, device: 'webgpu' | 'wasm') {
  await page.getByLabel('Device').selectOption(device);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  const lane = page.getByRole('region', { name: 'Two looks' });
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Ask', exact: true })).toBeVisible(SLOW);
  const figure = async (name: string) =>
    lane.locator('dl > div', { hasText: name }).locator('dd').textContent();
  return {
    first: await page.getByRole('region', { name: 'First look' }).textContent(),
    second: await page.getByRole('region', { name: 'Second look' }).textContent(),
    answer: await page.getByTestId('answer').textContent(),
    prefilled: await figure('Prefilled'),
    reused: await figure('Reused'),
    written: await figure('Written'),
  };
}

test('a run on WebGPU uses the adapter and writes the same tokens as wasm', async ({ page }) => {
  test.setTimeout(1_200_000);
  await page.goto('./');
  await openSample(page, 'Old map');
  const onGpu = await runOn(page, 'webgpu');
  const model = page.getByRole('region', { name: 'Model' });
  await expect(model).toContainText(/is ready on the GPU \(.*swiftshader.*\)/i);
  await expect(model).toContainText('The GPU is emulated in software.');
  expect(onGpu.answer).not.toBe('');
  expect(onGpu.reused).toMatch(/^[1-9]\d\d/);

  const onProcessor = await runOn(page, 'wasm');
  await expect(model).toContainText('is ready on the processor');
  expect(onProcessor).toEqual(onGpu);
});
