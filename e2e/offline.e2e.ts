/** What a bad network may do to the page: nothing that lasts. One visit with a good one is enough. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { serveFaulty } from '../scripts/lib/faulty-server.mjs';
import { ask, openApp, openSample } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

const dist = path.resolve('dist');

/** The service worker has the page, its scripts and, after a first answer, all else. */
async function isKept(page: Page, end: string): Promise<void> {
  const kept = (): Promise<boolean> =>
    page.evaluate(async (end) => {
      if (!navigator.serviceWorker.controller) return false;
      const requests = await (await caches.open('ergo-files-1')).keys();
      return requests.some(({ url }) => url.replace(/\?.*/, '').endsWith(end));
    }, end);
  await expect.poll(kept, { timeout: 60_000 }).toBe(true);
}

test('after one visit every page works without a network, and no portal can change that', async ({
  page,
  context,
}) => {
  const server = await serveFaulty(dist, '/some/folder/');
  await openApp(page, server.url);
  await openSample(page, 'Picnic cloth');
  await ask(page);
  const answer = (await page.getByTestId('answer').textContent()) ?? '';
  expect(answer).not.toBe('');
  await isKept(page, 'samples/under-water.jpg');

  server.setFault(() => 'html');
  await openApp(page, server.url);
  await openSample(page, 'Picnic cloth');
  await ask(page);
  await expect(page.getByTestId('answer')).toHaveText(answer);
  await expect(page.getByText('Sign in')).toHaveCount(0);

  server.close();
  await context.setOffline(true);
  const other = await context.newPage();
  await expect(other.goto(`${server.url}nothing.json`)).rejects.toThrow();
  await other.close();

  await openApp(page, server.url);
  await page.getByRole('link', { name: 'Benchmark' }).click();
  await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
  await page.getByRole('link', { name: 'Ask' }).click();
  await page.getByRole('button', { name: 'Models' }).click();
  await expect(page.getByRole('region', { name: 'This device' })).toBeVisible();
  await page.keyboard.press('Escape');
  await openSample(page, 'Old map');
  await page.getByRole('button', { name: 'Another picture' }).click();
  await openSample(page, 'Picnic cloth');
  await ask(page);
  await expect(page.getByTestId('answer')).toHaveText(answer);
});

test('scripts that are lost on their way come again, without a reload', async ({ browser }) => {
  const server = await serveFaulty(dist);
  // Nobody but the page itself is there to help.
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const faults = { backend: 'html', 'imaging.worker': 'cut', 'engine.worker': 'html' } as const;
  server.setFault((name, times) => {
    if (name.endsWith('ort-wasm-simd-threaded.mjs')) return times < 1 ? 'html' : undefined;
    if (name.endsWith('.wasm')) return times < 2 ? 'error' : undefined;
    const fault = Object.entries(faults).find(([part]) => name.startsWith(`assets/${part}-`));
    return times < 1 ? fault?.[1] : undefined;
  });
  await openApp(page, server.url);
  await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
  await openSample(page, 'Picnic cloth');
  await ask(page);
  await expect(page.getByRole('alert')).toHaveCount(0);

  // One that does not come at all is told as what it is, and comes when it is asked for again.
  server.setFault((name) => (name.startsWith('assets/panel-') ? 'cut' : undefined));
  await page.getByRole('button', { name: 'Models' }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('did not arrive', { timeout: 30_000 });
  await expect(alert).toContainText('Check the connection');
  server.setFault(() => undefined);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('region', { name: 'This device' })).toBeVisible();
  expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);
  await context.close();
  server.close();
});

test('a new build asks before it reloads, in every tab', async ({ page, context }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ergo-builds-'));
  const site = path.join(folder, 'site');
  const large = /[/\\](?:bench|models|ort)$/;
  cpSync(dist, site, { recursive: true, filter: (source) => !large.test(source) });
  const server = await serveFaulty(site);
  await page.goto(server.url);
  await isKept(page, 'index.html');
  const other = await context.newPage();
  await other.goto(server.url);

  const change = (file: string, from: RegExp | string, to: string): void => {
    const text = readFileSync(path.join(site, file), 'utf8');
    expect(text.replace(from, to)).not.toBe(text);
    writeFileSync(path.join(site, file), text.replace(from, to));
  };
  change('index.html', '<title>', '<meta name="build" content="2" /><title>');
  change('offline.sw.js', /"index.html":"[^"]*"/, '"index.html":"2"');
  const newBuild = page.locator('meta[name=build]');

  // What is shown is the build that is whole, and the new one waits for a word.
  await page.reload();
  await expect(page.getByText('A new version is ready.')).toBeVisible();
  await expect(newBuild).toHaveCount(0);
  await page.getByRole('button', { name: 'Later' }).click();
  await page.reload();
  await expect(newBuild).toHaveCount(0);
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(newBuild).toHaveCount(1);
  await expect(page.getByText('A new version is ready.')).toHaveCount(0);

  await expect(other.getByText('Another tab has gone over')).toBeVisible();
  await expect(other.locator('meta[name=build]')).toHaveCount(0);
  await other.getByRole('button', { name: 'Reload' }).click();
  await expect(other.locator('meta[name=build]')).toHaveCount(1);
  server.close();
  rmSync(folder, { recursive: true });
});
