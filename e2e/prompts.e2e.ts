/** A person's own prompts: written on the page, kept for the model, taken back. */
import { expectAccessible, openApp, openSample } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

test('prompts are changed, refused where they cannot be used, kept, and reset', async ({
  page,
}) => {
  await openApp(page);
  await openSample(page, 'Hills at dusk');
  const summary = page.getByText('Prompts', { exact: true });
  await summary.click();
  const locate = page.getByLabel('Two looks: first look, names a region');
  const own = await locate.inputValue();
  const use = page.getByRole('button', { name: 'Use these prompts' });
  await expect(use).toBeDisabled();

  await locate.fill('Where is it?');
  await expect(page.getByText('This prompt lacks {question}.')).toBeVisible();
  await expect(use).toBeDisabled();
  await expectAccessible(page);
  await locate.fill(`{question} Look twice. {question}`);
  await use.click();
  await expect(page.getByText('Yours are in use.')).toBeVisible();

  await page.reload();
  await openSample(page, 'Hills at dusk');
  await summary.click();
  await expect(locate).toHaveValue('{question} Look twice. {question}');
  await page.getByRole('button', { name: 'Reset to default' }).click();
  await expect(locate).toHaveValue(own);
  await expect(page.getByText('The model’s own are in use.')).toBeVisible();
});
