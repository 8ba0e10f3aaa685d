/** The engine in a browser against the golden fixtures: wasm, and WebGPU on whatever adapter there is. */
import { cpSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { serveFolder } from '../scripts/lib/static-server.mjs';
import { buildOf } from '../src/core/contracts/runtime-files.ts';
import { textsOf } from '../src/engine/testing/replay.ts';
import { parseManifest } from '../src/models/manifest.ts';
import { buildBarePage } from './lib/bare-page.ts';
import type { Harness, ReplayCase } from './lib/engine-page.ts';
import { countGpu, type GpuStep } from './lib/gpu-counters.ts';
import { modelFolder, readGolden, readJson, readPatches, type GoldenCase } from './lib/golden.ts';
import { expect, test, type Watch } from './lib/test.ts';

const folder = modelFolder();
const site = path.resolve('.cache/engine-e2e');
const dtype = 'q8';
/** Without a picture, so that many histories of it are quick to prefill. */
const QUESTION = 'What does the tag beside the cat read?<|im_end|>\n<|im_start|>assistant\n<think>';
let server: Awaited<ReturnType<typeof serveFolder>>;
let modelUrl: string;

// The engine alone has no page of its own in the built site: a bare one is built for it.
test.beforeAll(async () => {
  test.setTimeout(180_000);
  await buildBarePage('e2e/lib/engine.html', site);
  cpSync(folder, path.join(site, 'model'), { recursive: true });
  server = await serveFolder(site, 0);
  modelUrl = `${server.url}model/`;
});

test.afterAll(() => server?.close());

declare global {
  var harness: Harness;
}

async function open(page: Page): Promise<void> {
  await page.goto(`${server.url}e2e/lib/engine.html`);
  await page.waitForFunction(() => 'harness' in globalThis);
}

function caseOf({ prompt, pictures }: GoldenCase, steps: number): ReplayCase {
  const { image } = parseManifest(readJson(folder, 'manifest.json'));
  return {
    steps,
    texts: textsOf(prompt),
    pictures: pictures.map(({ file, grid, width, height, tokens }) => ({
      grid,
      patches: Buffer.from(readPatches(folder, file, image).buffer).toString('base64'),
      size: {
        width,
        height,
        tokens,
        grid: { rows: grid[1] / image.mergeSize, columns: grid[2] / image.mergeSize },
      },
    })),
  };
}

const load = (page: Page, device: 'wasm' | 'webgpu') =>
  page.evaluate(([url, dtype, device]) => harness.load(url, dtype, device), [
    modelUrl,
    dtype,
    device,
  ] as const);

/** The builds of onnxruntime's wasm that the page has asked for. */
const runtimesOf = ({ requests }: Watch) => [
  ...new Set(
    requests
      .map((request) => path.basename(new URL(request.url()).pathname))
      .filter((name) => name.endsWith('.wasm'))
      .map(buildOf),
  ),
];

const replay = (page: Page, replayed: ReplayCase) =>
  page.evaluate((described) => harness.replay(described), replayed);

test('wasm: golden tokens, threads, cancel, a second load without the network, a broken model', async ({
  page,
}) => {
  test.setTimeout(300_000);
  await open(page);
  const first = await load(page, 'wasm');
  expect(first.phases).toEqual(expect.arrayContaining(['download', 'verify', 'sessions']));
  expect(first.device).toMatchObject({ used: 'wasm', fallback: false, adapter: null });
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  expect(first.device.threads).toBe(Math.min(cores, 8));
  for (const fixture of readGolden(folder).cases) {
    const expected = fixture.results[dtype]?.tokens ?? [];
    const result = await replay(page, caseOf(fixture, expected.length));
    expect(result.tokens).toEqual(expected);
    expect(result.prefilled).toBe(fixture.inputIds.length);
    expect(result.memory.wasmHeap).toBeGreaterThan(result.memory.weights);
    console.log(`wasm ${fixture.name}: ${JSON.stringify({ ...result, tokens: undefined })}`);
  }
  const stopped = await page.evaluate(() => harness.cancelled('The dog is in the lower left. '));
  expect(['cancelled', 'none']).toContain(stopped.code);
  expect(stopped.grown).toBeGreaterThan(stopped.seen);

  // Session failures poison a runtime: the next load must get another worker.
  const code = await page.evaluate(([url, dtype]) => harness.loadBroken(url, dtype), [
    modelUrl,
    dtype,
  ] as const);
  expect(code).toBe('session-failed');
  const again = await load(page, 'wasm');
  expect(again.fromNetwork).toBe(false);
  console.log(
    `load: ${first.milliseconds.toFixed(0)} ms, again ${again.milliseconds.toFixed(0)} ms`,
  );
});

test('webgpu: the adapter is really used, greedy tokens, costs of a token, forks, cancel, release', async ({
  page,
  watch,
}) => {
  test.setTimeout(600_000);
  await open(page);
  const { device, phases, milliseconds } = await load(page, 'webgpu');
  expect(device).toMatchObject({ requested: 'webgpu', used: 'webgpu' });
  expect(device.adapter).not.toBeNull();
  expect(phases).not.toContain('fallback');
  expect(phases.at(-1)).toBe('warm-up');
  // The smaller of the two builds, because this browser can wait from within wasm by itself.
  expect(runtimesOf(watch)).toEqual(['jspi']);
  // Two pictures in one history: the longest way through everything.
  const fixture = readGolden(folder).cases.at(-1);
  if (!fixture) throw new Error('no fixture');
  const expected = (fixture.results[dtype]?.tokens ?? []).slice(0, 8);
  const worker = page.workers().find((candidate) => candidate.url().includes('engine.worker'));
  if (!worker) throw new Error('no engine');
  await worker.evaluate(countGpu);
  const result = await replay(page, caseOf(fixture, expected.length));
  console.log(
    `webgpu ${device.adapter}: load ${milliseconds.toFixed(0)} ms ${JSON.stringify(result)}`,
  );
  expect(result.tokens).toEqual(expected);
  // The first reading comes with the prefill.
  const [, ...steps] = await worker.evaluate(() => globalThis.gpuSteps);
  const perToken = (what: keyof GpuStep): number =>
    steps.reduce((sum, step) => sum + step[what], 0) / (expected.length - 1);
  const costs = {
    errorScopes: perToken('errorScopes'),
    newBytes: perToken('newBytes'),
    bytesRead: perToken('bytesRead'),
  };
  console.log(`per token: ${JSON.stringify(costs)}`);
  expect(costs.errorScopes).toBe(0);
  expect(costs.newBytes).toBeLessThanOrEqual(16 * 1024);
  expect(costs.bytesRead).toBeGreaterThan(0);
  expect(costs.bytesRead).toBeLessThanOrEqual(1024);

  // Keys and values lie in buffers that histories share until they differ.
  const asked = { prompt: QUESTION, other: 'A tag reads', steps: 20, every: 5 };
  const forks = await page.evaluate((tried) => harness.forks(tried), asked);
  console.log(`forks: ${JSON.stringify(forks)}`);
  expect(forks).toMatchObject({ forks: 20, tokensEqual: true, kept: true, left: 0 });
  expect(forks.compared).toBeGreaterThanOrEqual(4);
  expect(forks.difference).toBeLessThan(1e-3);
  expect(forks.held).toBeGreaterThan(0);
  const stopped = await page.evaluate((text) => harness.cancelledPrefill(text), QUESTION);
  expect(stopped).toMatchObject({ code: 'cancelled', kept: true, left: 0 });
  expect(stopped.length[1]).toBe(stopped.length[0]);
});

test('webgpu without JSPI: the other build, the same tokens', async ({ page, watch }) => {
  test.setTimeout(600_000);
  // A browser that does not have it yet.
  await page.route(/engine\.worker/, async (route) => {
    const response = await route.fetch();
    const body = `delete WebAssembly.Suspending;${await response.text()}`;
    await route.fulfill({ response, body });
  });
  await open(page);
  const { device } = await load(page, 'webgpu');
  expect(device).toMatchObject({ used: 'webgpu' });
  expect(runtimesOf(watch)).toEqual(['asyncify']);
  const [fixture] = readGolden(folder).cases;
  if (!fixture) throw new Error('no fixture');
  const expected = (fixture.results[dtype]?.tokens ?? []).slice(0, 8);
  const result = await replay(page, caseOf(fixture, expected.length));
  expect(result.tokens).toEqual(expected);
});
