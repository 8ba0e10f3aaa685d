/** The page as a system sees it: installed, handed pictures, and linked to. */
import path from 'node:path';
import type { Page } from '@playwright/test';
import { serveFaulty } from '../scripts/lib/faulty-server.mjs';
import { expect, test } from './lib/test.ts';

const folder = '/some/folder/';

interface Picture {
  readonly src: string;
  readonly sizes: string;
  readonly type: string;
}

interface Manifest {
  readonly name: string;
  readonly start_url: string;
  readonly scope: string;
  readonly icons: readonly Picture[];
  readonly screenshots: readonly Picture[];
  readonly share_target: { readonly action: string };
}

let server: Awaited<ReturnType<typeof serveFaulty>>;

// Below a folder, as most hosts serve it.
test.beforeAll(async () => {
  server = await serveFaulty(path.resolve('dist'), folder);
});
test.afterAll(() => server.close());

/** "192x192" as a browser draws it. */
function sizeOf(page: Page, url: string): Promise<string> {
  return page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    return `${image.naturalWidth}x${image.naturalHeight}`;
  }, url);
}

test('the page can be installed, and what it is known by is there', async ({ page, context }) => {
  await page.goto(server.url);
  const cdp = await context.newCDPSession(page);
  const { url, errors } = await cdp.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(url).toBe(`${server.url}manifest.webmanifest`);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  // A test's window is a private one.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);

  const response = await page.request.get(url);
  expect(response.headers()['content-type']).toContain('application/manifest+json');
  const manifest = (await response.json()) as Manifest;
  const at = (relative: string): string => new URL(relative, url).href;
  expect(at(manifest.start_url)).toBe(server.url);
  expect(at(manifest.scope)).toBe(server.url);
  for (const { src, sizes, type } of [...manifest.icons, ...manifest.screenshots]) {
    expect((await page.request.get(at(src))).headers()['content-type']).toBe(type);
    if (sizes !== 'any') expect(await sizeOf(page, at(src))).toBe(sizes);
  }
  for (const rel of ['icon', 'apple-touch-icon']) {
    const href = await page.locator(`link[rel="${rel}"]`).getAttribute('href');
    expect((await page.request.get(at(href ?? 'none'))).ok()).toBe(true);
  }
  const picture = await page.locator('meta[property="og:image"]').getAttribute('content');
  expect(await sizeOf(page, at(picture ?? 'none'))).toBe('1200x630');
});

test('a picture that another app shares is opened, once', async ({ page, watch }) => {
  await page.goto(`${server.url}?device=wasm`);
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), {
      timeout: 60_000,
    })
    .toBe(true);
  // As a system's share sheet does it: a form that is posted, and not by the page, whose policy
  // forbids every form.
  await page.goto('about:blank');
  await page.evaluate(async (action) => {
    const canvas = new OffscreenCanvas(640, 480);
    canvas.getContext('2d')?.fillRect(100, 100, 200, 100);
    const transfer = new DataTransfer();
    const drawn = await canvas.convertToBlob();
    transfer.items.add(new File([drawn], 'Straße.png', { type: 'image/png' }));
    const form = document.createElement('form');
    form.method = 'POST';
    form.enctype = 'multipart/form-data';
    form.action = action;
    const input = document.createElement('input');
    input.type = 'file';
    input.name = 'pictures';
    input.files = transfer.files;
    form.append(input);
    document.body.append(form);
    form.submit();
  }, `${server.url}share-target`);
  await expect(page.getByRole('button', { name: 'Another picture' })).toBeVisible();
  await expect(page.getByText('640 × 480')).toBeVisible();
  expect(page.url()).toBe(server.url);
  expect(server.asked).not.toContain('share-target');
  const posted = watch.requests.findIndex((request) => request.url().endsWith('share-target'));
  expect(watch.requests.splice(posted, 1)[0]?.method()).toBe('POST');
  await page.reload();
  await expect(page.getByRole('button', { name: 'Choose a picture' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});
