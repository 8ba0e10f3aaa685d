/** Workers that end without a word, throw or hang: the same page goes on. */
import type { Page } from '@playwright/test';
import { ask, openApp, openSample, RUN } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

type Worker = ReturnType<Page['workers']>[number];

/** The newest of its kind: one that is gone may still be listed. */
function workerOf(page: Page, kind: 'engine' | 'imaging'): Worker {
  const found = page.workers().findLast((worker) => worker.url().includes(`${kind}.worker`));
  if (!found) throw new Error(`There is no ${kind} worker.`);
  return found;
}

const FAULTS = {
  ends: () => void setTimeout(() => globalThis.close()),
  throws: () =>
    void setTimeout(() => {
      throw new Error('a fault of the test');
    }),
  hangs: () =>
    void setTimeout(() => {
      for (;;);
    }),
} as const;

async function afterwards(page: Page): Promise<void> {
  await ask(page);
  await expect(page.getByTestId('answer')).not.toBeEmpty();
  await expect(page.getByRole('alert')).toHaveCount(0);
}

test('a worker that ends or throws is replaced; the picture is opened again', async ({ page }) => {
  await openApp(page);
  await openSample(page, 'Hills at dusk');
  await afterwards(page);
  await workerOf(page, 'imaging').evaluate(FAULTS.throws);
  await page.getByLabel('Your question').fill('What is red?');
  await afterwards(page);
  await workerOf(page, 'engine').evaluate(FAULTS.ends);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The engine worker ended without a word.');
  await expect(alert).toHaveCount(1);
  await afterwards(page);
});

test('a question to workers that hang can be stopped, or the worker be ended', async ({ page }) => {
  await openApp(page);
  await openSample(page, 'Hills at dusk');
  await afterwards(page);
  await workerOf(page, 'engine').evaluate(FAULTS.hangs);
  const press = page.getByRole('button', { name: 'Ask', exact: true });
  await press.click();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(press).toBeVisible({ timeout: 10_000 });
  await press.click();
  await page.getByRole('button', { name: 'End it' }).click(RUN);
  await expect(press).toBeVisible(RUN);
  await expect(page.getByTestId('answer')).not.toBeEmpty();

  await workerOf(page, 'imaging').evaluate(FAULTS.hangs);
  await page.getByLabel('Your question').fill('What is blue?');
  await press.click();
  await page.getByRole('button', { name: 'End it' }).click(RUN);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The imaging worker hung and was ended.');
  await expect(alert).toHaveCount(1);
  await afterwards(page);
});
