/** Pictures that are odd, and files that are none. */
import { readFileSync } from 'node:fs';
import { ask, expectAccessible, expectNoOverflow, openApp, photograph, pick } from './lib/page.ts';
import {
  animatedGif,
  os2Bitmap,
  png,
  pngHeader,
  withJunk,
  withOrientation,
} from './lib/pictures.ts';
import { expect, test } from './lib/test.ts';

const sample = readFileSync('public/samples/thumbs/old-map.jpg');
const checker = (x: number, y: number): number => (((x >> 3) + (y >> 3)) % 2 === 0 ? 40 : 220);

test('what is no picture is refused with a reason and a next step', async ({ page }) => {
  await openApp(page);
  const bad: readonly [string, Buffer, RegExp][] = [
    ['empty.jpg', Buffer.alloc(0), /empty/],
    ['text.jpg', Buffer.from('This is a letter, not a picture.'), /not a picture/],
    ['header.jpg', sample.subarray(0, 60), /cut off/],
    ['cut.png', png(64, 48, 2, checker).subarray(0, -20), /cut off/],
    ['cut.jpg', sample.subarray(0, Math.floor(sample.length / 2)), /cut off/],
    ['huge.png', pngHeader(30_000, 30_000), /900 megapixels/],
    ['long.png', png(900, 2, 0, checker), /too long/],
  ];
  for (const [name, bytes, reason] of bad) {
    await pick(page, name, bytes);
    const alert = page.getByRole('alert');
    await expect(alert).toContainText(reason);
    await expect(alert.getByRole('paragraph')).not.toBeEmpty();
  }
  await expectAccessible(page);
  await photograph(page, 'refused');
});

test('odd pictures are shown in their oriented size', async ({ page }) => {
  await openApp(page);
  const odd: readonly [string, Buffer, string][] = [
    ['pixel.png', png(1, 1, 2, () => 200), '1 × 1'],
    ['turned.jpg', withOrientation(sample, 6), '373 × 560'],
    ['grey.png', png(120, 90, 0, checker), '120 × 90'],
    ['alpha.png', png(90, 120, 6, checker), '90 × 120'],
    ['moving.gif', animatedGif(2), '1 × 1'],
    ['still.gif', animatedGif(1), '1 × 1'],
    ['junk.jpg', withJunk(sample), '560 × 373'],
    ['wrong.svg', png(30, 20, 2, checker), '30 × 20'],
    ['os2.bmp', os2Bitmap(), '2 × 1'],
  ];
  for (const [name, bytes, size] of odd) {
    await pick(page, name, bytes);
    await expect(page.getByText(size, { exact: true })).toBeVisible();
    const note = page.getByText('only its first frame');
    await expect(note).toHaveCount(name === 'moving.gif' ? 1 : 0);
    // The page draws it too, whatever type its name stands for.
    const drawn = page.getByRole('img', { name: new RegExp(name.replace('.', '\\.')) });
    await expect(drawn).toHaveJSProperty('naturalWidth', Number(size.split(' ')[0]));
    await page.getByRole('button', { name: 'Another picture' }).click();
  }
});

test('the smallest picture and a turned one can be asked about', async ({ page }) => {
  await openApp(page);
  const odd = [
    ['pixel.png', png(1, 1, 2, () => 200)],
    ['turned.jpg', withOrientation(sample, 6)],
  ] as const;
  for (const [name, bytes] of odd) {
    await pick(page, name, bytes);
    await page.getByLabel('Your question').fill('What is there?');
    await ask(page);
    await expect(page.getByTestId('answer')).not.toBeEmpty();
    await page.getByRole('button', { name: 'Another picture' }).click();
  }
});

test('the start fits a narrow screen, in the dark too', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await openApp(page);
  await expect(page.getByRole('button', { name: 'Old map' })).toBeVisible();
  await expectNoOverflow(page);
  await expectAccessible(page);
  await photograph(page, 'start-narrow-dark');
});
