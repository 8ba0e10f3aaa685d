import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hasCode, type ErrorCode } from '../core/errors.ts';
import { openModelFolder } from './catalogue.ts';
import { createMemoryStore, type ChunkStore } from './chunk-store.ts';
import type { Fetch } from './download.ts';
import { parseManifest, sourceOf } from './manifest.ts';
import { testManifest } from './testing.ts';
import { CHUNK_BYTES } from './stored-file.ts';
import { createWeights, type WeightsProgress } from './weights.ts';

const decoder = 'onnx/decoder.onnx';
const contents = new Map(
  Object.entries({
    'onnx/vision.onnx': 1000,
    'onnx/embed.onnx': 0,
    [decoder]: 2 * CHUNK_BYTES + 77,
    'config.json': 30,
  }).map(([path, length]) => [
    path,
    Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 251),
  ]),
);
const manifest = parseManifest(
  testManifest(
    [...contents].map(([path, data]) => ({
      path,
      bytes: data.byteLength,
      sha256: createHash('sha256').update(data).digest('hex'),
    })),
    {
      vision_encoder: 'onnx/vision.onnx',
      embed_tokens: 'onnx/embed.onnx',
      decoder_model_merged: decoder,
    },
  ),
);
const source = sourceOf(manifest, { baseUrl: 'https://models.test/tiny/' });

/** A server that can break off after a number of bytes and that may know byte ranges. */
function server(options: { breakAfter?: number[]; ranges?: boolean; change?: string } = {}) {
  const requests: { path: string; range: string | null }[] = [];
  const breaks = [...(options.breakAfter ?? [])];
  const fetch: Fetch = async (url, init) => {
    const path = url.slice(source.baseUrl.length);
    const range = new Headers(init.headers).get('Range');
    requests.push({ path, range });
    const whole = contents.get(path);
    if (!whole) return new Response('no', { status: 404 });
    const start = options.ranges === false ? 0 : Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    const body = whole.slice(start);
    if (options.change === path) body[0] = (body[0] ?? 0) + 1;
    const limit = path === decoder ? breaks.shift() : undefined;
    let sent = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (limit !== undefined && sent >= limit) return controller.error(new TypeError('network'));
        if (sent >= body.length) return controller.close();
        const end = Math.min(sent + 1_000_000, body.length, limit ?? Infinity);
        controller.enqueue(body.slice(sent, end));
        sent = end;
      },
    });
    return new Response(stream, { status: start > 0 ? 206 : 200 });
  };
  return { fetch, requests };
}

/** Comparing eight million numbers one by one takes minutes in `toEqual`. */
const isDecoder = (data: Uint8Array): boolean =>
  Buffer.compare(data, contents.get(decoder) ?? data) === 0;

const failsWith = (code: ErrorCode) => expect.toSatisfy((error: unknown) => hasCode(error, code));

describe('the weights store', () => {
  it('downloads, verifies, keeps, and needs no network afterwards', async () => {
    const store = createMemoryStore();
    const weights = createWeights(store, server().fetch);
    const steps: WeightsProgress[] = [];
    expect(await weights.isCached(source, 'q8')).toBe(false);
    const reader = await weights.read(source, 'q8', { progress: (step) => steps.push(step) });
    expect(isDecoder(await reader(decoder))).toBe(true);
    const last = steps.findLast((step) => step.phase === 'download');
    const total = [...contents.values()].reduce((sum, data) => sum + data.byteLength, 0);
    expect(last).toMatchObject({ loadedOfAll: total, totalOfAll: total });
    expect(await weights.isCached(source, 'q8')).toBe(true);

    const offline = createWeights(store, () => Promise.reject(new TypeError('offline')));
    expect(isDecoder(await (await offline.read(source, 'q8'))(decoder))).toBe(true);
    await offline.evict(source);
    expect(await offline.isCached(source, 'q8')).toBe(false);
    await expect(offline.read(source, 'q8')).rejects.toEqual(failsWith('download-interrupted'));
  });

  it('continues a broken connection where it broke', async () => {
    const { fetch, requests } = server({ breakAfter: [3_000_000] });
    const reader = await createWeights(createMemoryStore(), fetch).read(source, 'q8');
    expect(isDecoder(await reader(decoder))).toBe(true);
    expect(requests.filter(({ path }) => path === decoder).map(({ range }) => range)).toEqual([
      null,
      'bytes=3000000-',
    ]);
  });

  it('keeps whole chunks of an interrupted download, also for a server without ranges', async () => {
    for (const ranges of [true, false]) {
      const store = createMemoryStore();
      const broken = server({ breakAfter: [CHUNK_BYTES + 5, 0, 0, 0] });
      const first = createWeights(store, broken.fetch).read(source, 'q8');
      await expect(first).rejects.toEqual(failsWith('download-interrupted'));
      const { fetch, requests } = server({ ranges });
      const reader = await createWeights(store, fetch).read(source, 'q8');
      expect(isDecoder(await reader(decoder))).toBe(true);
      const asked = requests.filter(({ path }) => path === decoder);
      expect(asked).toEqual([{ path: decoder, range: `bytes=${CHUNK_BYTES}-` }]);
    }
  });

  it('refuses other bytes than the manifest names, and mends a copy gone bad', async () => {
    const changed = createWeights(createMemoryStore(), server({ change: decoder }).fetch);
    await expect(changed.read(source, 'q8')).rejects.toEqual(failsWith('weights-corrupt'));

    const store = createMemoryStore();
    const weights = createWeights(store, server().fetch);
    await weights.read(source, 'q8');
    const sha = manifest.files.find(({ path }) => path === decoder)?.sha256;
    await store.put(`${sha}/0`, new Uint8Array(CHUNK_BYTES));
    expect(isDecoder(await (await weights.read(source, 'q8'))(decoder))).toBe(true);
  });

  it('tells a missing file, a full disk and a cancel apart', async () => {
    const elsewhere = { ...source, baseUrl: 'https://models.test/tiny/x/' };
    const weights = createWeights(null, server().fetch);
    await expect(weights.read(elsewhere, 'q8')).rejects.toEqual(failsWith('weights-missing'));
    const full: ChunkStore = {
      ...createMemoryStore(),
      put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
    };
    const onFull = createWeights(full, server().fetch).read(source, 'q8');
    await expect(onFull).rejects.toEqual(failsWith('storage-full'));
    const signal = AbortSignal.abort();
    await expect(weights.read(source, 'q8', { signal })).rejects.toEqual(failsWith('cancelled'));
  });

  it('reads a folder that was picked, its name in front of the paths', async () => {
    const files = [...contents].map(([path, data]) => ({
      path: `tiny/${path}`,
      blob: new Blob([data]),
    }));
    const described = { path: 'tiny/manifest.json', blob: new Blob([JSON.stringify(manifest)]) };
    const picked = await openModelFolder([...files, described]);
    const weights = createWeights(null, () => Promise.reject(new Error('no network')));
    expect(isDecoder(await (await weights.read(picked, 'q8'))(decoder))).toBe(true);
    await expect(openModelFolder(files)).rejects.toEqual(failsWith('manifest-invalid'));
  });
});
