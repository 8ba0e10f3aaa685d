/** A search of several looks, on checkpoints of both families whose weights make the calls (training/fixtures). */
import type { Locator } from '@playwright/test';
import { hubFolder } from './lib/fixture.ts';
import { ask, expectAccessible, openApp, openSample, photograph, RUN } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

const FAMILIES = ['qwen2.5-vl', 'qwen3.5'] as const;
const folderOf = (family: (typeof FAMILIES)[number]) => hubFolder(family, 1, 'searches');

test.beforeAll(() => {
  // Where Python's environment has to be made first.
  test.setTimeout(1_200_000);
  FAMILIES.forEach(folderOf);
});

for (const family of FAMILIES) {
  test(`${family} looks where it asks, in numbered frames, and is told to answer when it repeats itself`, async ({
    page,
  }) => {
    await openApp(page);
    await page.getByRole('button', { name: 'Models', exact: true }).click();
    const panel = page.getByRole('dialog', { name: 'Models' });
    await panel.getByLabel('Model folder').setInputFiles(folderOf(family));
    await expect(panel.getByText('In use')).toBeVisible(RUN);
    await page.keyboard.press('Escape');

    await openSample(page, 'Hills at dusk');
    await page
      .getByRole('combobox', { name: 'Look', exact: true })
      .selectOption('as many looks as it asks for');
    await page.getByText('Budgets', { exact: true }).click();
    for (const look of ['First look', 'Second look']) {
      await page.getByLabel(new RegExp(`^${look}: `)).fill('128');
    }
    await page.getByLabel('Your question').fill('What does the sign say?');
    await ask(page);
    await expect(page.getByTestId('answer')).toHaveText('KR47');

    const picture = page.getByRole('region', { name: 'Picture', exact: true });
    const frames = picture.getByRole('img', { name: /^Look \d/ });
    await expect(frames).toHaveText(['1', '2']);
    // The second look is a part of the first: its call was about that crop.
    const [outer, inner] = await Promise.all([edges(frames.first()), edges(frames.last())]);
    expect(inner.left).toBeGreaterThan(outer.left);
    expect(inner.right).toBeLessThan(outer.right);
    expect(inner.bottom).toBeLessThan(outer.bottom);
    await expect(page.getByLabel(/^Region \d, as the model sees it$/)).toHaveCount(2);
    await expect(page.getByText('The model asked for a region that it had seen')).toBeVisible();

    const looks = ['First look', 'Second look', 'Third look'];
    const tokens: number[] = [];
    for (const name of looks) {
      const section = page.getByRole('region', { name });
      await expect(section).toContainText('image_zoom_in_tool');
      tokens.push(numberIn(await section.getByRole('heading').textContent()));
    }
    const end = page.getByRole('region', { name: 'Answer without another look' });
    await expect(end).not.toContainText('vision tokens');
    const lane = page.getByRole('region', { name: 'Search', exact: true });
    const figure = async (name: string) =>
      numberIn(await lane.locator('dt', { hasText: name }).locator('+ dd').textContent());
    const [first = 0, second = 0, third = 0] = tokens;
    expect(await figure('Vision tokens')).toBe(first + second + third);
    expect(await figure('Prefilled')).toBeGreaterThan(first + second + third);
    // Every later turn found in the cache what came before it.
    expect(await figure('Reused')).toBeGreaterThan(3 * first + 2 * second + third);
    // A call, the end of its turn, and so for each of the four.
    expect(await figure('Written')).toBe(8);
    await expectAccessible(page);
    await photograph(page, `search-${family}`);
  });
}

async function edges(frame: Locator) {
  const box = await frame.boundingBox();
  if (!box) throw new Error('The frame is not shown.');
  return { left: box.x, right: box.x + box.width, bottom: box.y + box.height };
}

/** 1,234 as well as 1234 */
function numberIn(text: string | null): number {
  return Number(/\d[\d\s.,]*/.exec(text ?? '')?.[0].replaceAll(/\D/g, ''));
}
