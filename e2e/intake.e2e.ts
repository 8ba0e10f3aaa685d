/** How pictures come in: folders, several files, pastes, addresses and links. */
import { readFileSync } from 'node:fs';
import { expectAccessible, expectNoOverflow, openApp, photograph, RUN } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

const HOST = 'pictures.example';
test.use({ otherHosts: [HOST] });

test('a folder is offered to choose from; a pasted file and an address take its place', async ({
  page,
  context,
  watch,
}) => {
  await context.route(`https://${HOST}/**`, (route) => {
    const isOpen = route.request().url().endsWith('/open.jpg');
    return route.fulfill({
      path: 'public/samples/thumbs/night-sky.jpg',
      contentType: 'image/jpeg',
      // Without the header Playwright would allow every page.
      headers: { 'Access-Control-Allow-Origin': isOpen ? '*' : `https://${HOST}` },
    });
  });
  const drawn = (name: string) => page.getByRole('img', { name: new RegExp(name) });
  await openApp(page);
  await page.getByLabel('Folder of pictures').setInputFiles('public/samples');
  const strip = page.getByRole('region', { name: 'Pictures to choose from' });
  await expect(strip).toContainText('12 pictures; 1 other file was left out.');
  await expectAccessible(page);

  const buttons = strip.getByRole('listitem').getByRole('button');
  await buttons.first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Another picture' })).toBeVisible(RUN);
  await expect(buttons.nth(10)).toHaveAttribute('aria-current', 'true');
  await expect(buttons.nth(10).getByRole('presentation')).toHaveJSProperty('complete', true);
  await photograph(page, 'folder-wide-light', { fullPage: false });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectNoOverflow(page);
  await expectAccessible(page);
  await photograph(page, 'folder-narrow-dark', { fullPage: false });

  // A file manager copies its name along, and it is pasted into the question.
  await page.getByLabel('Your question').fill('Where?');
  await page.getByLabel('Your question').evaluate(async (field, base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], 'copied.jpg', { type: 'image/jpeg' }));
    clipboardData.setData('text/plain', '/home/me/copied.jpg');
    const options = { clipboardData, bubbles: true, cancelable: true };
    field.dispatchEvent(new ClipboardEvent('paste', options));
  }, readFileSync('public/samples/thumbs/old-map.jpg').toString('base64'));
  await expect(drawn('copied.jpg')).toBeVisible(RUN);
  await expect(strip).toBeHidden();

  const drop = (html: string) =>
    page.evaluate((html) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/html', html);
      const options = { dataTransfer, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new DragEvent('drop', options));
    }, html);
  await drop(`<a href="https://${HOST}/"><img src="https://${HOST}/closed.jpg"></a>`);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText(`${HOST} did not give the picture to this page.`);
  await expect(alert).toContainText('save the picture or copy it');
  await expect(drawn('copied.jpg')).toBeVisible();
  await drop(`<img src="https://${HOST}/open.jpg">`);
  await expect(drawn('open.jpg')).toBeVisible(RUN);
  await expect(alert).toBeHidden();
  const asked = watch.requests.filter((request) => request.url().includes(HOST));
  expect(asked.length).toBeGreaterThan(0);
  for (const request of asked) {
    expect(request.headers()['referer'] ?? '').toBe('');
    expect(request.headers()['cookie']).toBeUndefined();
  }
});

test('a link brings a picture, and asks only if it says so', async ({ page }) => {
  const link = new URLSearchParams({
    device: 'wasm',
    picture: 'samples/thumbs/old-map.jpg',
    question: 'What is drawn?',
  });
  await page.goto(`./?${link}`);
  await expect(page.getByLabel('Your question')).toHaveValue('What is drawn?', RUN);
  await expect(page.getByRole('button', { name: 'Ask', exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'First look' })).toHaveCount(0);

  await page.goto('about:blank');
  await page.goto(`./?device=wasm#/?${link}&run=1`);
  await expect(page.getByTestId('answer')).not.toBeEmpty(RUN);
  expect(new URL(page.url()).hash).toBe('#/');
  // Another one in the same tab only changes what is behind the #.
  await page.evaluate(() => {
    location.hash = '#/?picture=samples/thumbs/night-sky.jpg&question=Where?';
  });
  await expect(page.getByRole('img', { name: /night-sky/ })).toBeVisible(RUN);
  await expect(page.getByLabel('Your question')).toHaveValue('Where?');

  await page.goto(`./?${link}&run=2`);
  await expect(page.getByRole('alert')).toContainText('run=2 can be 1 only');
  await page.getByLabel('Or its address').fill('http://pictures.example/a.jpg');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('by https, not by plain http');
  await expectAccessible(page);
});
