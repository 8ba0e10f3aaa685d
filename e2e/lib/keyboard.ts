/** The page without a mouse. */
import { expect, type Locator, type Page } from '@playwright/test';

/** More than the page has to stop at. */
const STOPS = 120;

/** Tabs until something has the focus, forwards; whatever cannot be reached fails the test. */
export async function reach(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < STOPS; stop++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The keyboard does not come to ${target.toString()}.`);
}

export async function press(page: Page, target: Locator): Promise<void> {
  await reach(page, target);
  await page.keyboard.press('Enter');
}
