/** A model folder from the disk, as the exporter writes it, in place of the embedded model. */
import type { Page } from '@playwright/test';
import { ask, expectAccessible, openApp, openSample, RUN } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

/** @returns the model panel, opened */
async function openPanel(page: Page) {
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  const panel = page.getByRole('dialog', { name: 'Models' });
  await expect(panel.getByLabel('Name at the hub, or URL of a folder')).toBeVisible();
  return panel;
}

test('a picked folder answers where the embedded model cannot come; a wrong one takes nothing away', async ({
  page,
  context,
}) => {
  await context.route('**/models/**', (route) => route.abort());
  await openApp(page);
  const model = page.getByRole('region', { name: 'Model', exact: true });
  await expect(model.getByRole('button', { name: 'Try again' })).toBeVisible();

  const panel = await openPanel(page);
  const folder = panel.getByLabel('Model folder');
  await folder.setInputFiles('docs/decisions');
  await expect(panel).toContainText('The folder holds no manifest.json or config.json.');
  await folder.setInputFiles('public/models/ergo-tiny');
  await expect(panel.getByRole('listitem').first()).toContainText('From a folder of this computer');
  await expect(panel.getByText('In use')).toBeVisible(RUN);
  await expect(panel).not.toContainText('holds no');
  // Nobody has tried what a person picks.
  await expect(panel.getByTestId('check')).toContainText('per look', RUN);
  await page.keyboard.press('Escape');

  await openSample(page, 'Hills at dusk');
  const question = page.getByLabel('Your question');
  await question.fill('Read the tag of the bee.');
  await ask(page);
  await expect(model).toContainText('ERGO tiny is ready on the processor');
  const answer = await page.getByTestId('answer').textContent();

  await openPanel(page);
  await folder.setInputFiles('docs/decisions');
  await expect(panel).toContainText('The folder holds no manifest.json or config.json.');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('answer')).toHaveText(answer ?? '');

  await context.unroute('**/models/**');
  await openPanel(page);
  const embedded = panel.getByRole('listitem', { name: 'ERGO tiny' });
  await embedded.getByRole('button', { name: /^Use/ }).click();
  await expect(embedded.getByText('In use')).toBeVisible(RUN);
  await page.keyboard.press('Escape');
  // Another model may see pictures by other rules: the picture is opened anew, the question stays.
  await expect(question).toHaveValue('Read the tag of the bee.');
  await ask(page);
  await expect(page.getByTestId('answer')).toHaveText(answer ?? '');
});
