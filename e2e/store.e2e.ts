/** Models of a hub in the browser's file system: cuts, pauses, two tabs, deletion, no network. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { serveFakeHub } from '../scripts/lib/fake-hub.mjs';
import { serveFolder } from '../scripts/lib/static-server.mjs';
import { EXAMPLES } from '../src/models/families/testing.ts';
import { buildBarePage } from './lib/bare-page.ts';
import type { StoreHarness } from './lib/store-page.ts';
import { expect, test } from './lib/test.ts';

const repo = 'maker/Tiny-ONNX';
/** One connection holds a few of them; a cut loses one at most. Bytes. */
const CHUNK = 64 * 1024;
const decoder = 'onnx/decoder_model_merged_q4.onnx';
const decoderBytes = 6_000_001;

const folder = mkdtempSync(path.join(tmpdir(), 'ergo-store-'));
const site = path.resolve('.cache/store-e2e');
let hub: Awaited<ReturnType<typeof serveFakeHub>>;
let server: Awaited<ReturnType<typeof serveFolder>>;

declare global {
  var store: StoreHarness;
}

test.beforeAll(async () => {
  test.setTimeout(300_000);
  mkdirSync(path.join(folder, 'onnx'));
  for (const [name, content] of Object.entries(EXAMPLES['qwen3.5'])) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path.join(folder, name), text);
  }
  writeFileSync(path.join(folder, 'tokenizer.json'), '{}');
  writeFileSync(path.join(folder, 'onnx/vision_encoder_q4.onnx'), bytes(300_000));
  writeFileSync(path.join(folder, 'onnx/embed_tokens_q4.onnx'), bytes(100_000));
  writeFileSync(path.join(folder, decoder), bytes(decoderBytes));
  await buildBarePage('e2e/lib/store.html', site);
  server = await serveFolder(site, 0);
});

test.beforeEach(async ({ page }) => {
  hub = await serveFakeHub({ [repo]: { folder }, 'maker/Other-ONNX': { folder } });
  await open(page);
});

test.afterEach(() => hub.close());

test.afterAll(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 251);
}

async function open(page: Page): Promise<void> {
  await page.goto(`${server.url}e2e/lib/store.html`);
  await page.waitForFunction(() => 'store' in globalThis);
}

const begin = (page: Page, name = repo) =>
  page.evaluate(([name, hub]) => store.begin(name, hub), [name, hub.url] as const);
const state = (page: Page, name = repo) => page.evaluate((name) => store.state(name), name);

async function ends(page: Page, end: string, name = repo): Promise<void> {
  await expect.poll(async () => (await state(page, name))?.end, { timeout: 120_000 }).toBe(end);
}

function sentOf(name: string): number {
  const of = hub.asked.filter(({ path }) => path === name);
  return of.reduce((sum, { sent }) => sum + sent, 0);
}

test('a download survives cuts, a pause and a reload, and asks for no byte twice', async ({
  page,
}) => {
  hub.faults.cuts.set(decoder, [1_000_003, 1_500_000, 3_000_000]);
  hub.faults.rate = 4_000_000;
  await begin(page);
  await expect
    .poll(async () => (await state(page))?.loaded, { timeout: 60_000 })
    .toBeGreaterThan(2e6);
  // What was sent has arrived when it is paused: a busy browser would throw away what it has not read.
  hub.faults.rate = 50_000;
  let before = 0;
  const arrived = async (): Promise<number> => {
    const last = before;
    before = (await state(page))?.loaded ?? 0;
    return before - last;
  };
  await expect.poll(arrived, { intervals: [400], timeout: 60_000 }).toBeLessThanOrEqual(CHUNK);
  await page.evaluate((name) => store.pause(name), repo);
  await ends(page, 'cancelled');
  const [paused] = await page.evaluate(() => store.list());
  expect(paused?.storedBytes).toBeGreaterThan(2e6);
  expect(paused?.storedBytes).toBeLessThan(paused?.totalBytes ?? 0);

  await open(page);
  hub.faults.rate = 0;
  await begin(page);
  await ends(page, 'done');
  const [whole] = await page.evaluate(() => store.list());
  expect(whole).toMatchObject({ reference: `${repo}@${hub.commitOf(repo)}`, dtypes: ['q4'] });
  expect(whole?.storedBytes).toBe(whole?.totalBytes);
  // Three cuts and a pause.
  expect(sentOf(decoder)).toBeLessThanOrEqual(decoderBytes + 4 * CHUNK);

  expect(await page.evaluate((name) => store.remove(name), whole?.reference ?? '')).toBe('done');
  expect(await page.evaluate(() => store.files())).toEqual([]);
  expect(await page.evaluate(() => store.list())).toEqual([]);
});

test('wrong bytes leave nothing behind, and are told as such', async ({ page }) => {
  hub.faults.wrong.add(decoder);
  await begin(page);
  await ends(page, 'weights-corrupt');
  const sha256 = hub.filesOf(repo).find(({ path }) => path === decoder)?.sha256;
  const left = await page.evaluate(() => store.files());
  expect(left.filter((name) => name.includes(sha256 ?? '?'))).toEqual([]);
});

test('two tabs fetch a file once, two models keep what they share once', async ({
  page,
  context,
}) => {
  hub.faults.rate = 3_000_000;
  await begin(page);
  await expect.poll(() => sentOf(decoder), { timeout: 60_000 }).toBeGreaterThan(0);
  const other = await context.newPage();
  await open(other);
  await begin(other);
  await expect.poll(async () => (await state(other))?.waiting).toBe('other-tab');
  const reference = `${repo}@${hub.commitOf(repo)}`;
  expect(await other.evaluate((name) => store.remove(name), reference)).toBe('store-busy');
  await ends(page, 'done');
  await ends(other, 'done');
  expect(sentOf(decoder)).toBe(decoderBytes);

  const files = await page.evaluate(() => store.files());
  await begin(page, 'maker/Other-ONNX');
  await ends(page, 'done', 'maker/Other-ONNX');
  expect(await page.evaluate(() => store.files())).toEqual(files);
  expect(sentOf(decoder)).toBe(decoderBytes);
  const listed = await page.evaluate(() => store.list());
  expect(listed.map(({ freedBytes }) => freedBytes)).toEqual([0, 0]);
});

test('what an earlier version kept is taken over, not fetched again', async ({ page }) => {
  const file = hub.filesOf(repo).find(({ path }) => path === decoder);
  await page.route('**/kept-before', (route) =>
    route.fulfill({ path: path.join(folder, decoder) }),
  );
  await page.evaluate((sha256) => store.keepAsBefore('/kept-before', sha256), file?.sha256 ?? '');
  await begin(page);
  await ends(page, 'done');
  expect(sentOf(decoder)).toBe(0);
  expect(await page.evaluate(() => caches.has('ergo-weights-1'))).toBe(false);
});
