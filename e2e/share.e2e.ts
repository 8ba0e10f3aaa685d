/** Answers that leave the page: a link, a card, a file; and come back without a model. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from '@playwright/test';
import {
  ask,
  expectAccessible,
  expectNoOverflow,
  openApp,
  openSample,
  photograph,
  pick,
  RUN,
} from './lib/page.ts';
import { expect, test } from './lib/test.ts';

/** What a replay has to show as the run did. */
async function shown(page: Page) {
  const texts = page.locator('section[aria-label$="look"], section[aria-label^="Answer without"]');
  for (const details of await texts.locator('details').all()) {
    await details.evaluate((element) => element.setAttribute('open', ''));
  }
  return {
    answer: await page.getByTestId('answer').textContent(),
    ratio: await page.getByTestId('ratio').textContent(),
    texts: await texts.allTextContents(),
    figures: await page.locator('dl').allTextContents(),
    crops: await page
      .locator('figcaption', { hasText: 'pixels of the original' })
      .allTextContents(),
  };
}

/** A page of somebody else: no cookies, no cache, and nothing of a model to be had. */
async function elsewhere(
  browser: Browser,
  link: string,
): Promise<{ page: Page; asked: string[]; refused: string[] }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked: string[] = [];
  await context.route(/\/(models|ort)\//, (route) => {
    asked.push(route.request().url());
    return route.abort();
  });
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text());
  });
  await page.goto(link);
  return { page, asked, refused };
}

async function linkOf(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const field = page.getByRole('textbox', { name: 'Link', exact: true });
  await expect(field).toHaveValue(/#\/run\/1/);
  return field.inputValue();
}

test('an answer about a gallery picture: its link, card and file show it again without a model', async ({
  page,
  browser,
  context,
}) => {
  await openApp(page);
  await openSample(page, 'Hills at dusk');
  await ask(page);
  const run = await shown(page);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const link = await linkOf(page);
  expect(link.length).toBeLessThan(8000);
  await expectAccessible(page);
  await page.getByRole('button', { name: /^Copy the link/ }).click();
  await expect(page.getByText('Copied.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  await photograph(page, 'share-wide-light', { fullPage: false });

  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the card' }).click();
  const card = readFileSync(await (await saving).path());
  expect([card.readUInt32BE(16), card.readUInt32BE(20)]).toEqual([1200, 630]);
  const colours = await page.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] };
      return new Set(Array.from(data).filter((_, at) => at % 404 === 0)).size;
    },
    [...card],
  );
  expect(colours).toBeGreaterThan(50);

  const keeping = page.waitForEvent('download');
  await page.getByRole('button', { name: /^Save the run/ }).click();
  const kept = await keeping;
  expect(kept.suggestedFilename()).toMatch(/^what-does-the-tag.*\.ergo\.json$/);
  const file = await kept.path();
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('button', { name: 'Share', exact: true })).toBeFocused();

  const printed = execFileSync(process.execPath, ['scripts/ask.mjs', '--replay', file, '--json']);
  expect(JSON.parse(printed.toString())).toMatchObject({
    answer: run.answer,
    policy: 'coarse-to-fine',
  });

  const other = await elsewhere(browser, link);
  await expect(other.page.getByRole('heading', { name: 'Replayed from a link' })).toBeFocused();
  expect(await shown(other.page)).toEqual(run);
  await expect(other.page.getByRole('img', { name: 'The picture' })).toHaveJSProperty(
    'width',
    1600,
  );
  expect(other.asked).toEqual([]);
  await expectAccessible(other.page);
  await photograph(other.page, 'replay-wide-light');
  await other.page.emulateMedia({ colorScheme: 'dark' });
  await other.page.setViewportSize({ width: 360, height: 740 });
  await expectAccessible(other.page);
  await expectNoOverflow(other.page);
  await photograph(other.page, 'replay-narrow-dark');

  // Dropped onto the replay of a link, the file takes its place.
  await other.page.evaluate(
    (text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'run.json'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    },
    readFileSync(file, 'utf8'),
  );
  await expect(other.page.getByRole('heading', { name: 'Replayed from a file' })).toBeVisible();
  expect(await shown(other.page)).toEqual(run);
  await other.page.getByRole('button', { name: 'Play it' }).click();
  await expect(other.page.getByRole('button', { name: 'Show the end' })).toBeVisible();
  await expect(other.page.getByRole('button', { name: 'Play it' })).toBeVisible({
    timeout: 30_000,
  });
  await other.page.goBack();
  await expect(other.page.getByRole('heading', { name: 'Replayed from a link' })).toBeVisible();
  expect(other.asked).toEqual([]);
  expect(other.refused).toEqual([]);
  await other.page.context().close();

  // Where the model is, the same question is asked anew.
  await page.evaluate((hash) => {
    location.hash = hash;
  }, new URL(link).hash);
  await page.getByRole('button', { name: 'Ask it anew here' }).click();
  await expect(page.getByLabel('Your question')).toHaveValue(/tag of the bee/);
  await expect(page.getByTestId('ratio')).toBeVisible(RUN);
  await expect(page.getByTestId('answer')).toHaveText(run.answer ?? '');
});

test('a person’s own picture stays, or goes along small; a damaged link says so', async ({
  page,
  browser,
}) => {
  await openApp(page);
  await pick(page, 'private.jpg', readFileSync('public/samples/thumbs/old-map.jpg'));
  await page.getByLabel('Your question').fill('Can you see a key?\n(A) yes\n(B) no');
  await ask(page);
  const { answer } = await shown(page);
  const bare = await linkOf(page);
  await page.getByLabel(/goes along as a small preview/).check();
  await expect(page.getByAltText('The preview that goes along')).toBeVisible();
  const previewed = await page.getByRole('textbox', { name: 'Link', exact: true }).inputValue();
  expect(previewed.length).toBeGreaterThan(bare.length);
  expect(previewed.length).toBeLessThanOrEqual(8000);
  await photograph(page, 'share-own', { fullPage: false });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 740 });
  await expectAccessible(page);
  await expectNoOverflow(page);
  await photograph(page, 'share-narrow-dark', { fullPage: false });

  const other = await elsewhere(browser, previewed);
  await expect(other.page.getByTestId('answer')).toHaveText(answer ?? '');
  await expect(other.page.getByText(/shown from a preview/)).toBeVisible();
  await photograph(other.page, 'replay-own');
  await other.page.goto(bare);
  await expect(other.page.getByText('did not come along')).toBeVisible();
  await expect(other.page.getByTestId('answer')).toHaveText(answer ?? '');

  const at = bare.length - 100;
  await other.page.goto(`${bare.slice(0, at)}%${bare.slice(at)}`);
  const alert = other.page.getByRole('alert');
  await expect(alert).toContainText('not whole or was changed');
  await other.page.goto(bare.slice(0, at));
  await expect(alert).toContainText('not whole or was changed');
  await expectAccessible(other.page);
  expect(other.asked).toEqual([]);
  expect(other.refused).toEqual([]);
  await other.page.getByRole('button', { name: 'To the page' }).click();
  await expect(other.page.getByRole('button', { name: 'Choose a picture' })).toBeVisible();
  await other.page.context().close();
});
