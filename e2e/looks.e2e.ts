/** Ways of looking, further questions about one picture, and going back to earlier ones. */
import { ask, expectAccessible, openApp, openSample, photograph, RUN } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

test('a further question goes on from the first look; an earlier one is shown again', async ({
  page,
}) => {
  await openApp(page);
  await openSample(page, 'Hills at dusk');
  const question = page.getByLabel('Your question');
  const first = page.getByRole('region', { name: 'First look' });
  const answer = page.getByTestId('answer');
  await question.fill('Read the tag of the bee.');
  await ask(page);
  await expect(first).toContainText('vision tokens');
  const bee = (await answer.textContent()) ?? '';

  await question.fill('What colour is the tag of the bee?');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  const asked = page.getByRole('region', { name: 'Asked before' }).getByRole('button');
  await expect(asked).toHaveCount(2, RUN);
  // Nothing of the picture was encoded for it but its own region.
  await expect(first).not.toContainText('vision tokens');
  await expect(page.getByRole('region', { name: 'Second look' })).toContainText('vision tokens');

  await asked.last().click();
  await expect(question).toHaveValue('Read the tag of the bee.');
  await expect(answer).toHaveText(bee);
  await expect(first).toContainText('vision tokens');
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toHaveCount(0);
});

test('the person chooses how the model looks, and the choice is kept', async ({ page }) => {
  await openApp(page);
  await openSample(page, 'Hills at dusk');
  const look = page.getByRole('combobox', { name: 'Look', exact: true });
  await look.selectOption('as the model decides');
  await page.getByLabel('Your question').fill('Read the tag of the bee.');
  await ask(page);
  const lane = page.getByRole('region', { name: 'As the model decides' });
  await expect(lane).toContainText('Vision tokens');
  await expectAccessible(page);
  await photograph(page, 'on-demand');

  await page.reload();
  await openSample(page, 'Hills at dusk');
  await expect(look).toHaveValue('on-demand');
  await look.selectOption('one look, small');
  await page.getByLabel('Your question').fill('Is there a bee?');
  await ask(page);
  await expect(page.getByRole('region', { name: 'Second look' })).toHaveCount(0);
});
