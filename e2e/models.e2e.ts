/** The model panel, all by keyboard: a model of a hub comes, is paused, used and deleted. */
import type { Page } from '@playwright/test';
import { serveFakeHub } from '../scripts/lib/fake-hub.mjs';
import { hubFolder } from './lib/fixture.ts';
import { press, reach } from './lib/keyboard.ts';
import { expectAccessible, expectNoOverflow, photograph, RUN } from './lib/page.ts';
import { expect, expectNothingTold, test } from './lib/test.ts';

const NAME = 'somebody/small-model';
const FAMILY = 'qwen3.5';
/** Nine looks of a model that writes until it is stopped. */
const CHECK = { timeout: 240_000 };

type Hub = Awaited<ReturnType<typeof serveFakeHub>>;
let hub: Hub;
test.beforeAll(() => {
  // Where Python's environment has to be made first.
  test.setTimeout(1_200_000);
  hubFolder(FAMILY);
});
test.beforeEach(async () => {
  hub = await serveFakeHub({ [NAME]: { folder: hubFolder(FAMILY) } });
});
test.afterEach(() => hub.close());

async function openPage(page: Page): Promise<void> {
  await page.goto(`./?device=wasm&hub=${encodeURIComponent(hub.url)}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('ergo-web');
}

const panelOf = (page: Page) => page.getByRole('dialog', { name: 'Models' });
const models = (page: Page) => page.getByRole('button', { name: 'Models', exact: true });

async function openPanel(page: Page): Promise<void> {
  await press(page, models(page));
  await expect(panelOf(page).getByRole('heading', { name: 'Qwen3.5 0.8B' })).toBeVisible();
  await expect(panelOf(page).getByRole('region', { name: 'This device' })).toContainText('GPU');
}

/** As it looks wide and on a phone, light and dark; nothing may stick out or be unreadable. */
async function look(page: Page, name: string): Promise<void> {
  for (const [size, width, height] of [
    ['wide', 1280, 800],
    ['narrow', 360, 740],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expectNoOverflow(page);
      await expectAccessible(page);
      await photograph(page, `${name}-${size}-${colorScheme}`, { fullPage: false });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
}

test('a model of the hub is found, downloaded, paused, used, checked and deleted by keyboard', async ({
  page,
  watch,
}) => {
  test.slow();
  await openPage(page);
  await openPanel(page);
  const panel = panelOf(page);
  await look(page, 'models');

  await test.step('found by its name', async () => {
    await reach(page, panel.getByLabel('Name at the hub, or URL of a folder'));
    await page.keyboard.type('nobody/nothing');
    await page.keyboard.press('Enter');
    await expect(panel.getByRole('alert')).toContainText('nobody/nothing');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(NAME);
    await page.keyboard.press('Enter');
    await expect(panel.getByText('is in the list above')).toBeVisible();
    expect(hub.asked.some(({ path }) => path?.endsWith('.onnx'))).toBe(false);
  });
  const card = panel.getByRole('listitem', { name: 'small-model' });
  const numbers = card.getByTestId('transfer');
  await expect(card).toContainText('Fits this device.');

  await test.step('downloaded, with a pause', async () => {
    // So slow that it is not over before it was looked at.
    hub.faults.rate = 8_000;
    await press(page, card.getByRole('button', { name: /^Download/ }));
    await expect(numbers).toHaveText(/^.+ of .+ · .+\/s · .+ left$/);
    await card.getByText('Files').click();
    await look(page, 'models-download');
    await press(page, card.getByRole('button', { name: /^Pause/ }));
    await expect(numbers).toHaveText(/paused$/);
    const sent = () => hub.asked.reduce((sum, one) => sum + one.sent, 0);
    const before = sent();
    await page.waitForTimeout(500);
    expect(sent() - before).toBeLessThan(40_000);

    await page.keyboard.press('Escape');
    await expect(panel).toBeHidden();
    await expect(models(page)).toBeFocused();
    await page.keyboard.press('Enter');
    hub.faults.rate = 0;
    await press(page, card.getByRole('button', { name: /^Resume/ }));
    await expect(card.getByText('Stored', { exact: true })).toBeVisible(RUN);
  });

  await test.step('used, and checked because nobody has', async () => {
    await press(page, card.getByRole('button', { name: /^Use/ }));
    await expect(card.getByText('In use')).toBeVisible(RUN);
    await expect(card.getByTestId('check')).toContainText('per look', CHECK);
    await look(page, 'models-checked');
    await page.keyboard.press('Escape');
  });

  await test.step('asked', async () => {
    const chosen = page.waitForEvent('filechooser');
    await press(page, page.getByRole('button', { name: 'Choose a picture' }));
    // A small one: random weights write until they are stopped.
    await (await chosen).setFiles('public/samples/thumbs/old-map.jpg');
    await reach(page, page.getByLabel('Your question'));
    await page.keyboard.type('What is drawn?');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('ratio')).toBeVisible({ timeout: 200_000 });
    await expect(page.getByTestId('answer')).not.toBeEmpty();
    const origins = [new URL(page.url()).origin, hub.url, hub.cdnUrl];
    await expectNothingTold(watch, origins, ['drawn']);
    const asked = watch.requests.filter((request) => request.url().startsWith(hub.cdnUrl));
    expect(asked.length).toBeGreaterThan(0);
    expect(hub.asked.map(({ referrer }) => referrer).filter(Boolean)).toEqual([]);
  });

  await test.step('there after a reload without the hub', async () => {
    hub.faults.isDown = true;
    await page.reload();
    await expect(page.getByText(/small-model is ready/)).toBeVisible(RUN);
  });

  await test.step('checked again, and deleted', async () => {
    await openPanel(page);
    // Kept beside the model since the last visit.
    await expect(card.getByTestId('check')).toContainText('per look');
    await press(page, card.getByRole('button', { name: 'Check again' }));
    await expect(card.getByText(/^Checking where it looks/)).toBeVisible();
    await expect(card.getByTestId('check')).toContainText('per look', CHECK);
    await press(page, card.getByRole('button', { name: /^Delete…/ }));
    await expect(card.getByRole('button', { name: 'Keep it' })).toBeFocused();
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await expect(card.getByRole('button', { name: /^Delete…/ })).toBeFocused();
    await page.keyboard.press('Enter');
    await press(page, card.getByRole('button', { name: 'Delete', exact: true }));
    await expect(card.getByRole('button', { name: /^Download/ })).toBeVisible();
    expect(await storedFiles(page)).toEqual([]);
  });

  await test.step('the embedded one again', async () => {
    const tiny = panel.getByRole('listitem', { name: 'ERGO tiny' });
    await press(page, tiny.getByRole('button', { name: /^Use/ }));
    await expect(tiny.getByText('In use')).toBeVisible(RUN);
    await page.keyboard.press('Escape');
    await page.reload();
    await expect(page.getByText(/ERGO tiny is ready/)).toBeVisible(RUN);
  });
});

/** Names of files of the model that are still in the page's own file system. */
function storedFiles(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const names: string[] = [];
    const walk = async (folder: FileSystemDirectoryHandle): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle);
        else names.push(name);
      }
    };
    await walk(await navigator.storage.getDirectory());
    return names;
  });
}

test('a model that arrives damaged takes nothing away', async ({ page }) => {
  await openPage(page);
  await page.getByRole('button', { name: /^Load ERGO tiny/ }).click();
  await expect(page.getByText(/ERGO tiny is ready/)).toBeVisible(RUN);
  for (const { path } of hub.filesOf(NAME)) {
    if (path.startsWith('onnx/')) hub.faults.wrong.add(path);
  }
  await openPanel(page);
  const panel = panelOf(page);
  await panel.getByLabel('Name at the hub, or URL of a folder').fill(NAME);
  await page.keyboard.press('Enter');
  const card = panel.getByRole('listitem', { name: 'small-model' });
  await card.getByRole('button', { name: /^Download/ }).click();
  await expect(card.getByRole('alert')).toContainText('the damaged copy was removed', RUN);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByText(/ERGO tiny is ready/)).toBeVisible();
});
