/** A model folder from the disk, as the exporter writes it, in place of the embedded model. */
import { expect, test } from '@playwright/test';
import { ask, expectAccessible, openApp, openSample } from './lib/page.ts';

test('a picked folder answers where the embedded model cannot come; a wrong one takes nothing away', async ({
  page,
  context,
}) => {
  await context.route('**/models/**', (route) => route.abort());
  await openApp(page);
  const model = page.getByRole('region', { name: 'Model' });
  await expect(model.getByRole('button', { name: 'Try again' })).toBeVisible();

  const folder = page.getByLabel('Model folder');
  await folder.setInputFiles('docs/decisions');
  await expect(model).toContainText('The folder holds no manifest.json or config.json.');
  await folder.setInputFiles('public/models/ergo-tiny');
  await expect(model.getByRole('button', { name: /^Load ERGO tiny/ })).toBeVisible();
  await expect(model).not.toContainText('manifest.json');
  await openSample(page, 'Hills at dusk');
  const question = page.getByLabel('Your question');
  await question.fill('Read the tag of the bee.');
  await ask(page);
  await expect(model).toContainText('ERGO tiny is ready on the processor');
  const answer = await page.getByTestId('answer').textContent();

  await folder.setInputFiles('docs/decisions');
  await expect(model).toContainText('The folder holds no manifest.json or config.json.');
  await expect(page.getByTestId('answer')).toHaveText(answer ?? '');
  await expectAccessible(page);

  await context.unroute('**/models/**');
  await model.getByRole('button', { name: 'Embedded model' }).click();
  // Another model may see pictures by other rules: the picture is opened anew, the question stays.
  await expect(question).toHaveValue('Read the tag of the bee.');
  await expect(model.getByRole('button', { name: 'Own model…' })).toBeVisible();
  await ask(page);
  await expect(page.getByTestId('answer')).toHaveText(answer ?? '');
});
