/** One visit with a network is enough: the page, the model and the gallery are there afterwards. */
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { serveFolder } from '../scripts/lib/static-server.mjs';
import { ask, openApp, openSample } from './lib/page.ts';

test('with the network cut, a reload still answers', async ({ page, context }) => {
  // A server of its own, because it is closed.
  const server = await serveFolder(path.resolve('dist'), 0);
  const { url } = server;
  await openApp(page, url);
  await openSample(page, 'Picnic cloth');
  await ask(page);
  const answer = await page.getByTestId('answer').textContent();
  expect(answer).not.toBe('');

  server.close();
  await context.setOffline(true);
  const other = await context.newPage();
  await expect(other.goto(`${url}manifest-of-nothing.json`)).rejects.toThrow();
  await other.close();

  await openApp(page, url);
  await expect(page.getByRole('button', { name: 'Old map' })).toBeVisible();
  await openSample(page, 'Picnic cloth');
  await ask(page);
  await expect(page.getByTestId('answer')).toHaveText(answer ?? '');
});
