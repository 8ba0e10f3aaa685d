/** The page #/benchmark, with the embedded model on wasm. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { BenchReport } from '../src/core/bench/report.ts';
import { expectAccessible, expectNoOverflow, photograph, RUN } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

async function openBenchmark(page: Page): Promise<void> {
  await page.goto('./?device=wasm#/benchmark');
  await expect(page.getByRole('heading', { name: 'Benchmark' })).toBeVisible(RUN);
}

/** Checks before it unchecks: one policy always stays. */
async function choose(page: Page, policies: readonly string[], questions: number): Promise<void> {
  for (const box of await page
    .getByRole('group', { name: 'Ways of looking' })
    .getByRole('checkbox')
    .all()) {
    const label = await box.evaluate((input) => input.closest('label')?.textContent ?? '');
    if (policies.some((policy) => label.startsWith(policy))) await box.check();
  }
  for (const box of await page
    .getByRole('group', { name: 'Ways of looking' })
    .getByRole('checkbox')
    .all()) {
    const label = await box.evaluate((input) => input.closest('label')?.textContent ?? '');
    if (!policies.some((policy) => label.startsWith(policy))) await box.uncheck();
  }
  await page.getByLabel(/^Questions, of/).fill(String(questions));
}

async function saved(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Save ${name}` }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(name);
  return readFileSync(await download.path(), 'utf8');
}

test('a benchmark is paused, goes on after a reload, and loses nothing', async ({ page }) => {
  await openBenchmark(page);
  await expect(page).toHaveTitle('Benchmark · ergo-web');
  await expect(page.getByRole('link', { name: 'Benchmark' })).toHaveAttribute(
    'aria-current',
    'page',
  );
  await expect(page.getByText(/^scenes, \d+ questions$/)).toBeVisible(RUN);
  await choose(page, ['Coarse to fine', 'Coarse only'], 2);
  await expectAccessible(page);
  const progress = page.getByTestId('progress');
  await expect(progress).toContainText('0 of 2 questions, 0 of 4 runs', RUN);

  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(progress).toContainText('1 of 4 runs', { timeout: 240_000 });
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(progress).toContainText('paused');
  const before = (await saved(page, 'report.csv')).trim().split('\r\n');
  const finished = before.length - 1;
  expect([1, 2, 3]).toContain(finished);

  await page.reload();
  await expect(progress).toContainText(`${finished} of 4 runs`, RUN);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(progress).toContainText('2 of 2 questions, 4 of 4 runs, done', { timeout: 240_000 });

  const after = (await saved(page, 'report.csv')).trim().split('\r\n');
  expect(after).toHaveLength(5);
  expect(after).toEqual(expect.arrayContaining(before));
  const report = JSON.parse(await saved(page, 'report.json')) as BenchReport;
  expect(report).toMatchObject({
    schema: 2,
    environment: {
      dataset: { name: 'scenes', items: 2, chosen: 2 },
      policies: ['coarse-to-fine', 'coarse-only'],
      device: { requested: 'wasm', used: 'wasm' },
    },
    pairs: { 'coarse-to-fine/coarse-only': { n: 2 } },
  });
  const names = report.items.map(({ id, policy }) => `${id} ${policy}`);
  expect(new Set(names).size).toBe(4);
  expect(new Set(report.items.map(({ id }) => id)).size).toBe(2);

  const results = page.getByRole('region', { name: 'Results' });
  await expect(results.getByRole('columnheader', { name: 'Coarse to fine' })).toBeVisible();
  await expect(results.getByRole('row', { name: /^Questions/ })).toContainText('2');
  await expect(results.getByRole('img')).toHaveAttribute('alt', /coarse-to-fine .* tokens/);
  await expectAccessible(page);
  await photograph(page, 'benchmark-wide-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoOverflow(page);
  await expectAccessible(page);
  await photograph(page, 'benchmark-narrow-dark');

  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(progress).toContainText('0 of 4 runs');
});

test('parquet files and folders of this computer are read in the tab', async ({ page }) => {
  await openBenchmark(page);
  // The door for scripts is open on every page.
  expect(await page.evaluate(() => 'ergo' in globalThis)).toBe(true);
  const picture = readFileSync('public/samples/thumbs/old-map.jpg').toString('base64');
  const row = {
    index: 7,
    question: 'What is drawn?',
    answer: 'B',
    category: 'single',
    image: picture,
  };
  const columns = { ...row, A: 'a cat', B: 'a map', C: 'a tree', D: 'a ship' };
  const parquet = parquetWriteBuffer({
    columnData: Object.entries(columns).map(([name, value]) => ({ name, data: [value] })),
  });
  await page.getByLabel('Parquet files').setInputFiles({
    name: 'hr_bench_4k.parquet',
    mimeType: '',
    buffer: Buffer.from(parquet),
  });
  await expect(page.getByText('hr_bench_4k, 1 question')).toBeVisible(RUN);
  await choose(page, ['Coarse only'], 1);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByTestId('progress')).toContainText('1 of 1 runs, done', {
    timeout: 240_000,
  });
  expect(await saved(page, 'report.csv')).toContain(
    '7,hr_bench_4k.parquet#0,single,coarse-only,B,',
  );

  // A folder of the page's own file system stands for one that a person picks.
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('mini', { create: true });
    const inside = await folder.getDirectoryHandle('maps', { create: true });
    const map = await fetch('samples/thumbs/old-map.jpg');
    const line = { image: 'maps/old.jpg', text: 'What?', question_id: 1, label: 'a map' };
    for (const [at, name, content] of [
      [inside, 'old.jpg', await map.blob()],
      [folder, 'test_questions.jsonl', JSON.stringify(line)],
    ] as const) {
      const file = await at.getFileHandle(name, { create: true });
      const stream = await file.createWritable();
      await stream.write(content);
      await stream.close();
    }
    Object.assign(globalThis, { showDirectoryPicker: () => Promise.resolve(folder) });
  });
  await page.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(page.getByText('mini, 1 question')).toBeVisible();

  await page.reload();
  await expect(page.getByText('“hr_bench_4k” has to be picked again')).toBeVisible(RUN);
  const folder = mkdtempSync(path.join(tmpdir(), 'ergo-dataset-'));
  writeFileSync(path.join(folder, 'test_questions.jsonl'), '{"image": "a.jpg"}\n');
  await page.getByLabel('Dataset folder').setInputFiles(folder);
  await expect(page.getByRole('alert')).toContainText('test_questions.jsonl, line 1');
  await expectAccessible(page);
});
