/**
 * What the model sees is what a person sees: every format, however a picture is turned or coloured,
 * held or not, in one frame. The browser's own drawing of the file is the measure.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { serveFolder } from '../scripts/lib/static-server.mjs';
import { buildBarePage } from './lib/bare-page.ts';
import type { Imaging, Region } from './lib/imaging-page.ts';
import {
  animatedGif,
  avifThatClaims,
  gifThatClaims,
  png,
  webpThatClaims,
  withJunk,
} from './lib/pictures.ts';
import { expect, test } from './lib/test.ts';

interface Fixtures {
  /** By format; each by EXIF orientation, from 1. */
  readonly turned: Readonly<Record<string, readonly string[]>>;
  readonly colours: Readonly<Record<string, string>>;
}

const { turned, colours } = JSON.parse(
  readFileSync('e2e/fixtures/pictures.json', 'utf8'),
) as Fixtures;
const site = path.resolve('.cache/imaging-e2e');
let server: Awaited<ReturnType<typeof serveFolder>>;

declare global {
  var imaging: Imaging;
}

test.beforeAll(async () => {
  await buildBarePage('e2e/lib/imaging.html', site);
  server = await serveFolder(site, 0);
});

test.afterAll(() => server?.close());

test.beforeEach(async ({ page }) => {
  await page.goto(`${server.url}e2e/lib/imaging.html`);
  await page.waitForFunction(() => 'imaging' in globalThis);
});

/** How a picture can be kept, forced on a small one. */
const KEPT = {
  held: {},
  'opened reduced, then held': { reducedPixels: 3000 },
  'not held': { heldBytes: 0, glanceSide: 72 },
  'too large to be drawn, then held': { drawnPixels: 0, glanceSide: 72 },
} as const;

/** Whole, each quarter, and parts of no symmetry. */
const REGIONS: readonly (Region | 'glance')[] = [
  null,
  'glance',
  [0, 0, 96, 64],
  [96, 0, 96, 64],
  [0, 64, 96, 64],
  [96, 64, 96, 64],
  [20, 10, 60, 40],
  [130, 70, 48, 50],
];

/** Two ways of resizing differ along edges, and JPEG blurs colours; another frame differs by 40. */
const ALIKE = 6;

for (const [format, files] of Object.entries(turned)) {
  for (const [kept, limits] of Object.entries(KEPT)) {
    test(`${format}, ${kept}: all eight orientations are seen as they are shown`, async ({
      page,
    }) => {
      const upright = await Promise.all(REGIONS.map((what) => show(page, files[0], what, limits)));
      for (const [i, file] of files.entries()) {
        // Chromium does not turn WebP, neither on the page nor for us.
        const isTurned = format !== 'webp';
        for (const [j, what] of REGIONS.entries()) {
          if (!isTurned && i >= 4 && Array.isArray(what) && what[0] + what[2] > 128) continue;
          const shown = await show(page, file, what, limits);
          const at = `orientation ${i + 1}, ${JSON.stringify(what)}`;
          expect(shown === null, at).toBe(what === 'glance' && !('glanceSide' in limits));
          if (!shown) continue;
          expect(shown.difference, at).toBeLessThan(ALIKE);
          if (!isTurned) continue;
          expect(near(shown.colours, upright[j]?.colours), at).toBe(true);
          expect(shown.size, at).toEqual({ width: 192, height: 128 });
        }
      }
    });
  }
}

test('colour profiles are converted to sRGB, as the page shows them', async ({ page }) => {
  // The profile's red is green, its green blue, its blue red.
  const permuted = ['40 200 60', '70 60 180', '190 50 70', '60 200 190'];
  for (const [name, file] of Object.entries(colours)) {
    for (const [kept, limits] of Object.entries(KEPT)) {
      for (const what of [null, [2, 2, 60, 44]] as const) {
        const shown = await show(page, file, what, limits);
        expect(shown?.difference, `${name}, ${kept}`).toBeLessThan(ALIKE);
        if (name !== 'cicp') expect(near(shown?.colours, permuted), `${name}, ${kept}`).toBe(true);
      }
    }
  }
});

test('the size is the one that is shown, whatever the header claims', async ({ page }) => {
  const [avif, webp, gif] = [turned['avif']?.[0], turned['webp']?.[0], animatedGif()];
  const files = [
    avifThatClaims(Buffer.from(avif ?? '', 'base64'), 400, 300),
    avifThatClaims(Buffer.from(avif ?? '', 'base64'), 13_000, 13_000),
    webpThatClaims(Buffer.from(webp ?? '', 'base64'), 4000, 3000),
    gifThatClaims(gif, 4000, 3000),
    gifThatClaims(gif, 0, 0),
  ];
  for (const file of files) {
    const { opened, drawn } = await page.evaluate(
      (bytes) => imaging.open(bytes),
      file.toString('base64'),
    );
    expect(opened).toBe(drawn ?? 'image-undecodable');
  }
});

test('what our reader does not understand is left to the decoder', async ({ page }) => {
  const jpeg = Buffer.from(turned['jpeg']?.[0] ?? '', 'base64');
  const opened = (file: Buffer) =>
    page.evaluate(async (bytes) => (await imaging.open(bytes)).opened, file.toString('base64'));
  expect(await opened(withJunk(jpeg))).toBe('192 x 128');
  expect(await opened(png(3, 2, 0, () => 9))).toBe('3 x 2');
  expect(await opened(Buffer.from('not a picture'))).toBe('image-undecodable');
});

test('a file that goes away is called unreadable, not undecodable', async ({ page }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pictures-'));
  const file = path.join(folder, 'picture.png');
  const pick = async () => {
    writeFileSync(
      file,
      png(64, 48, 2, () => 90),
    );
    await page.getByLabel('File').setInputFiles(file);
  };
  await pick();
  expect(await page.evaluate(() => imaging.openPicked())).toBe('opened');
  expect(await page.evaluate(() => imaging.cropPicked())).toBe('cut');
  rmSync(file);
  expect(await page.evaluate(() => imaging.cropPicked())).toBe('file-unreadable');
  await pick();
  rmSync(file);
  expect(await page.evaluate(() => imaging.openPicked())).toBe('file-unreadable');
});

function show(page: Page, file: string | undefined, what: Region | 'glance', limits: object) {
  const given = { file: file ?? '', what, limits };
  return page.evaluate(({ file, what, limits }) => imaging.show(file, what, limits), given);
}

/** Within what JPEG and AVIF lose. */
function near(found: readonly string[] = [], wanted: readonly string[] = []): boolean {
  const expected = wanted.flatMap(channels);
  return found.flatMap(channels).every((value, i) => Math.abs(value - (expected[i] ?? -99)) <= 12);
}

function channels(colour: string): readonly number[] {
  return colour.split(' ').map(Number);
}
