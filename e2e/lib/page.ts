/** Steps that several tests of the page share. */
import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Where pictures of the page go; `PICTURES=docs/pictures` renews those of the documentation. */
const PICTURES = process.env['PICTURES'] ?? 'test-results/pictures';

/** A run takes seconds; on a busy machine with a software device many more. */
export const RUN = { timeout: 90_000 };

/** @param url of another copy of the site, with a slash at its end */
export async function openApp(page: Page, url = './'): Promise<void> {
  await page.goto(`${url}?device=wasm`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('ergo-web');
}

export async function openSample(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: title }).click();
  await expect(page.getByRole('button', { name: 'Another picture' })).toBeVisible(RUN);
}

/** Picks a file as a person does. */
export async function pick(page: Page, name: string, buffer: Buffer): Promise<void> {
  await page.getByLabel('Picture file').setInputFiles({ name, mimeType: '', buffer });
}

/** Presses "Ask" and waits for the whole account. */
export async function ask(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await expect(page.getByTestId('ratio')).toBeVisible(RUN);
}

/**
 * Presses "Stop" as soon as a part of the page says something, however shortly. Call it before
 * what makes the page say so, and wait for it after.
 * @param section its name
 * @param words some of what it says then
 */
export async function stopWhen(page: Page, section: string, words: string): Promise<void> {
  const wanted = { section, words };
  await page.evaluate(
    ({ section, words }) =>
      new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          const part = document.querySelector(`section[aria-label="${section}"]`);
          if (!part?.textContent?.includes(words)) return;
          const stop = [...document.querySelectorAll('button')].find((button) =>
            button.textContent?.startsWith('Stop'),
          );
          if (!stop) return;
          observer.disconnect();
          stop.click();
          resolve();
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      }),
    wanted,
  );
}

export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  expect(told).toEqual([]);
}

export async function photograph(
  page: Page,
  name: string,
  { fullPage = true } = {},
): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage });
}

declare global {
  var ergoLongTasks: number[] | undefined;
}

/** Nothing may stick out at the side. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const [content, visible] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(content).toBeLessThanOrEqual(visible ?? 0);
}

/** Call before the page is opened. @returns reads the milliseconds of tasks above 50 ms so far */
export async function watchLongTasks(page: Page): Promise<() => Promise<readonly number[]>> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { ergoLongTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(Math.round(duration));
    }).observe({ type: 'longtask', buffered: true });
  });
  return () => page.evaluate(() => globalThis.ergoLongTasks ?? []);
}
