import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hasCode, type ErrorCode } from '../../core/errors.ts';
import type { Fetch, Network } from '../hub/fetch.ts';
import { parseManifest, sourceOf } from '../manifest.ts';
import { openPickedFolder } from '../open.ts';
import type { ModelSource } from '../source.ts';
import { testManifest } from '../testing.ts';
import type { WeightsProgress } from '../weights.ts';
import { createCacheStore } from './cache.ts';
import { createMemoryBlobs } from './memory.ts';
import { createOpfsStore } from './opfs.ts';
import { createMemoryRecords } from './records.ts';
import { createStore, type StoreParts } from './store.ts';
import { createMemoryCache, createMemoryFolder } from './testing.ts';

const decoder = 'onnx/decoder.onnx';
const contents = new Map(
  Object.entries({
    'onnx/vision.onnx': 1000,
    'onnx/embed.onnx': 0,
    [decoder]: 5_000_077,
    'config.json': 30,
  }).map(([path, length]) => [
    path,
    // Text where it is small, so that it can be told apart from what is not.
    Uint8Array.from({ length }, (_, i) => (i * 31 + length) % (length < 100 ? 64 : 251)),
  ]),
);
const total = [...contents.values()].reduce((sum, data) => sum + data.byteLength, 0);
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
const baseUrl = 'https://models.test/tiny/';
const source: ModelSource = { ...sourceOf(manifest, { baseUrl }), reference: baseUrl };
const decoderKey = `sha256-${manifest.files.find(({ path }) => path === decoder)?.sha256}`;

interface Faults {
  /** Bytes of the decoder after which each of its answers breaks off. */
  readonly breakAfter?: number[];
  readonly ranges?: boolean;
  /** A path of which one byte is wrong. */
  readonly change?: string;
  /** Answers before the first good one. */
  readonly before?: Response[];
  /** Called when bytes of the decoder were sent. */
  readonly onSent?: (all: number) => void;
}

/** A network with one server, whose pauses take no time. */
function server({ breakAfter = [], ranges = true, change, before = [], onSent }: Faults = {}) {
  const requests: { path: string; range: string | null }[] = [];
  const pauses: number[] = [];
  const sent = new Map<string, number>();
  const breaks = [...breakAfter];
  const fetch: Fetch = async (url, init) => {
    const path = new URL(url).pathname.slice('/tiny/'.length);
    const range = new Headers(init.headers).get('Range');
    requests.push({ path, range });
    const early = before.shift();
    if (early) return early;
    const whole = contents.get(path);
    if (!whole) return new Response('no', { status: 404 });
    const start = ranges ? Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0) : 0;
    const body = whole.slice(start);
    if (change === path) body[0] = (body[0] ?? 0) + 1;
    const limit = path === decoder ? breaks.shift() : undefined;
    let at = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (limit !== undefined && at >= limit) return controller.error(new TypeError('network'));
        if (at >= body.length) return controller.close();
        const end = Math.min(at + 100_000, body.length, limit ?? Infinity);
        controller.enqueue(body.slice(at, end));
        sent.set(path, (sent.get(path) ?? 0) + end - at);
        at = end;
        if (path === decoder) onSent?.(start + at);
      },
    });
    return new Response(stream, { status: start > 0 ? 206 : 200 });
  };
  const network: Network = { fetch, sleep: async (ms) => void pauses.push(ms) };
  return { network, requests, pauses, sent };
}

const offline: Network = {
  fetch: () => Promise.reject(new TypeError('Failed to fetch')),
  sleep: async () => undefined,
};

function parts(network: Network, blobs = createMemoryBlobs(), records = createMemoryRecords()) {
  return { blobs, records, network };
}

const page = (): Response =>
  new Response('<p>Sign in</p>', { headers: { 'Content-Type': 'text/html; charset=utf-8' } });

const busy = (seconds: number): Response =>
  new Response('', { status: 429, headers: { RateLimit: `"resolver";r=0;t=${seconds}` } });

const room = (freeBytes: number) => async () => ({
  usageBytes: 0,
  quotaBytes: freeBytes,
  freeBytes,
});

/** Comparing millions of numbers one by one takes minutes in `toEqual`. */
const isDecoder = (data: Uint8Array): boolean =>
  Buffer.compare(data, contents.get(decoder) ?? data) === 0;

const failsWith = (code: ErrorCode) => expect.toSatisfy((error: unknown) => hasCode(error, code));

describe.each([
  ['memory', () => createMemoryBlobs()],
  ['a file system', () => createOpfsStore(createMemoryFolder())],
  ['Cache Storage', () => createCacheStore(createMemoryCache())],
])('the store in %s', (_, createBlobs) => {
  it('downloads, verifies, keeps, and needs no network afterwards', async () => {
    const kept = parts(server().network, createBlobs());
    const store = createStore(kept);
    const steps: WeightsProgress[] = [];
    expect(await store.status(source, 'q8')).toMatchObject({ storedBytes: 0, isComplete: false });
    const read = await store.read(source, 'q8', { progress: (step) => steps.push(step) });
    expect(isDecoder(await read(decoder))).toBe(true);
    const last = steps.findLast((step) => step.phase === 'download');
    expect(last).toMatchObject({ loadedOfAll: total, totalOfAll: total });
    expect(await store.status(source, 'q8')).toEqual({
      storedBytes: total,
      totalBytes: total,
      isComplete: true,
    });

    const later = createStore({ ...kept, network: offline });
    expect(isDecoder(await (await later.read(source, 'q8'))(decoder))).toBe(true);
    await later.remove(baseUrl);
    expect(await kept.blobs.keys()).toEqual([]);
    expect(await later.list()).toEqual([]);
    await expect(later.read(source, 'q8')).rejects.toEqual(failsWith('download-interrupted'));
  });

  it('pauses with what came, and goes on there in the next visit', async () => {
    const blobs = createBlobs();
    const records = createMemoryRecords();
    const pause = new AbortController();
    const { network } = server({ onSent: (all) => all > 2_000_000 && pause.abort() });
    const first = createStore(parts(network, blobs, records));
    const paused = first.download(source, 'q8', { signal: pause.signal });
    await expect(paused).rejects.toEqual(failsWith('cancelled'));
    const { bytes, isWhole } = await blobs.state(decoderKey);
    expect(isWhole).toBe(false);
    expect(bytes).toBeGreaterThanOrEqual(1_900_000);
    const second = server();
    await createStore(parts(second.network, blobs, records)).download(source, 'q8');
    expect(second.requests).toEqual([
      { path: decoder, range: `bytes=${bytes}-` },
      { path: 'config.json', range: null },
    ]);
  });
});

describe('a download', () => {
  it('goes on after every cut where it broke, with pauses that grow while nothing comes', async () => {
    const { network, requests, pauses, sent } = server({ breakAfter: [3_000_000, 0, 0, 1] });
    const read = await createStore(parts(network)).read(source, 'q8');
    expect(isDecoder(await read(decoder))).toBe(true);
    expect(requests.filter(({ path }) => path === decoder).map(({ range }) => range)).toEqual([
      null,
      'bytes=3000000-',
      'bytes=3000000-',
      'bytes=3000000-',
      'bytes=3000001-',
    ]);
    expect(pauses).toEqual([500, 1000, 2000, 500]);
    expect(sent.get(decoder)).toBe(contents.get(decoder)?.length);
  });

  it('gives up after six attempts in a row without a byte, and keeps what is there', async () => {
    const kept = parts(server({ breakAfter: [3_000_000, 0, 0, 0, 0, 0, 0] }).network);
    const failed = createStore(kept).download(source, 'q8');
    await expect(failed).rejects.toEqual(failsWith('download-interrupted'));
    for (const ranges of [true, false]) {
      const { network, requests } = server({ ranges });
      const blobs = createMemoryBlobs();
      const writer = await blobs.append(decoderKey);
      for await (const piece of kept.blobs.read(decoderKey)) await writer.write(piece);
      const read = await createStore(parts(network, blobs)).read(source, 'q8');
      expect(isDecoder(await read(decoder))).toBe(true);
      expect(requests).toContainEqual({ path: decoder, range: 'bytes=3000000-' });
    }
  });

  it('takes a page in place of a file for a fault of the network', async () => {
    const { network, pauses } = server({ before: [page(), page()] });
    const read = await createStore(parts(network)).read(source, 'q8');
    expect(isDecoder(await read(decoder))).toBe(true);
    expect(pauses).toEqual([500, 1000]);
  });

  it('waits as long as a server asks for, if that is short', async () => {
    const steps: WeightsProgress[] = [];
    const { network, pauses } = server({ before: [busy(7)] });
    const options = { progress: (step: WeightsProgress) => void steps.push(step) };
    await createStore(parts(network)).download(source, 'q8', options);
    expect(pauses).toEqual([8000]);
    expect(steps).toContainEqual(
      expect.objectContaining({ phase: 'waiting', reason: 'rate-limit', milliseconds: 8000 }),
    );
    const long = createStore(parts(server({ before: [busy(240)] }).network));
    const refused = await long.download(source, 'q8').catch((error: unknown) => error);
    expect(refused).toEqual(failsWith('hub-busy'));
    expect(String(refused)).toContain('Wait 4 minutes');
  });

  it('refuses other bytes than were told, and keeps nothing of them', async () => {
    const kept = parts(server({ change: decoder }).network);
    const changed = createStore(kept).download(source, 'q8');
    await expect(changed).rejects.toEqual(failsWith('weights-corrupt'));
    expect(await kept.blobs.state(decoderKey)).toEqual({ bytes: 0, isWhole: false });
  });

  it('mends a part and a whole copy that have gone bad', async () => {
    const blobs = createMemoryBlobs();
    const writer = await blobs.append(decoderKey);
    await writer.write(new Uint8Array(1_000_000));
    const kept = parts(server().network, blobs);
    const store = createStore(kept);
    expect(isDecoder(await (await store.read(source, 'q8'))(decoder))).toBe(true);

    await blobs.remove(decoderKey);
    await (await blobs.append(decoderKey)).write(new Uint8Array(5_000_077));
    await blobs.seal(decoderKey);
    expect(isDecoder(await (await store.read(source, 'q8'))(decoder))).toBe(true);
  });

  it('starts anew where the part is longer than the file', async () => {
    const blobs = createMemoryBlobs();
    await (await blobs.append(decoderKey)).write(new Uint8Array(6_000_000));
    await createStore(parts(server().network, blobs)).download(source, 'q8');
    expect(await blobs.state(decoderKey)).toEqual({ bytes: 5_000_077, isWhole: true });
  });

  it('tells a missing file and a cancel apart', async () => {
    const elsewhere = { ...source, baseUrl: 'https://models.test/tiny/x/' };
    const store = createStore(parts(server().network));
    await expect(store.read(elsewhere, 'q8')).rejects.toEqual(failsWith('weights-missing'));
    const signal = AbortSignal.abort();
    await expect(store.read(source, 'q8', { signal })).rejects.toEqual(failsWith('cancelled'));
  });

  it('has one writer per file: a second download of it waits and finds it whole', async () => {
    const { network, requests } = server();
    const store = createStore(parts(network));
    const steps: WeightsProgress[] = [];
    await Promise.all([
      store.download(source, 'q8'),
      store.download(source, 'q8', { progress: (step) => steps.push(step) }),
    ]);
    expect(requests.filter(({ path }) => path === decoder)).toHaveLength(1);
    expect(steps).toContainEqual(
      expect.objectContaining({ phase: 'waiting', reason: 'other-tab' }),
    );
  });

  it('does not fetch again what was read to describe the model', async () => {
    const text = new TextDecoder().decode(contents.get('config.json'));
    const { network, requests } = server();
    await createStore(parts(network)).download({ ...source, texts: { 'config.json': text } }, 'q8');
    expect(requests.map(({ path }) => path)).not.toContain('config.json');
  });
});

const full = (): Promise<never> => Promise.reject(new DOMException('full', 'QuotaExceededError'));

describe('too little room', () => {
  it('is told before a download begins, with what is missing', async () => {
    const { network, requests } = server();
    const store = createStore({ ...parts(network), estimate: room(3_000_000) });
    const refused = await store.download(source, 'q8').catch((error: unknown) => error);
    expect(refused).toEqual(failsWith('storage-full'));
    expect(refused).toMatchObject({ detail: { missingBytes: total - 3_000_000 } });
    expect(String(refused)).toContain('needs 6 MB and this browser gives the page 3 MB: 3 MB');
    expect(requests).toEqual([]);
  });

  it.each<[string, Partial<StoreParts>]>([
    ['by the estimate', { estimate: room(3_000_000) }],
    ['while writing', { blobs: createMemoryBlobs(3_000_000) }],
    ['by a file that cannot be begun', { blobs: { ...createMemoryBlobs(), append: full } }],
    ['by a seal that cannot be set', { blobs: { ...createMemoryBlobs(), seal: full } }],
    ['by a record that cannot be kept', { records: { ...createMemoryRecords(), change: full } }],
    ['without any storage', { blobs: null }],
  ])('does not keep a model from being used: %s', async (_, more) => {
    const steps: WeightsProgress[] = [];
    const { network } = server();
    const store = createStore({ ...parts(network), ...more });
    const read = await store.read(source, 'q8', { progress: (step) => steps.push(step) });
    expect(isDecoder(await read(decoder))).toBe(true);
    const told = steps.some(({ phase }) => phase === 'not-kept');
    expect(told).toBe(more.blobs !== null);
  });
});

describe('stored models', () => {
  const other: ModelSource = { ...source, reference: 'o/n@1', baseUrl: 'https://hub.test/tiny/' };

  it('share files with the same content; deleting one leaves the other whole', async () => {
    const { network, requests } = server();
    const kept = parts(network);
    const store = createStore(kept);
    await store.download(source, 'q8');
    const before = requests.length;
    await store.download(other, 'q8');
    expect(requests).toHaveLength(before);
    expect((await store.list()).map(({ freedBytes }) => freedBytes)).toEqual([0, 0]);
    await store.remove(baseUrl);
    expect(await store.list()).toMatchObject([
      { reference: 'o/n@1', storedBytes: total, totalBytes: total, freedBytes: total },
    ]);
    expect((await store.status(other, 'q8')).isComplete).toBe(true);
  });

  it('lose the files of older weights at the same place', async () => {
    const kept = parts(server().network);
    const store = createStore(kept);
    await store.download(source, 'q8');
    const files = source.files.map((file) =>
      file.path === decoder ? { ...file, bytes: 1, sha256: '0'.repeat(64) } : file,
    );
    const newer = store.download({ ...source, files }, 'q8');
    await expect(newer).rejects.toEqual(failsWith('weights-corrupt'));
    expect(await kept.blobs.keys()).not.toContain(decoderKey);
  });

  it('keep notes beside them until they are deleted', async () => {
    const store = createStore(parts(server().network));
    await store.download(source, 'q8');
    await store.annotate(baseUrl, 'check', { iou: 0.8 });
    await store.download(source, 'q8');
    expect((await store.list())[0]?.notes).toEqual({ check: { iou: 0.8 } });
    await store.annotate(baseUrl, 'check', null);
    expect((await store.list())[0]?.notes).toEqual({});
    await store.annotate('nobody', 'check', 1);
    expect(await store.list()).toHaveLength(1);
  });

  it('cannot be deleted while they are being downloaded', async () => {
    const { network } = server({ breakAfter: [10] });
    const store = createStore(parts(network));
    const downloading = store.download(source, 'q8');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(store.remove(baseUrl)).rejects.toEqual(failsWith('store-busy'));
    await downloading;
    expect(await store.list()).toMatchObject([{ storedBytes: total }]);
  });
});

it('reads a folder that was picked, its name in front of the paths', async () => {
  const files = [...contents].map(([path, data]) => ({
    path: `tiny/${path}`,
    blob: new Blob([data]),
  }));
  const described = { path: 'tiny/manifest.json', blob: new Blob([JSON.stringify(manifest)]) };
  const picked = await openPickedFolder([...files, described]);
  const store = createStore(parts(offline));
  expect(isDecoder(await (await store.read(picked, 'q8'))(decoder))).toBe(true);
  expect(await store.status(picked, 'q8')).toMatchObject({ isComplete: true });
  const without = files.filter(({ path }) => path !== 'tiny/config.json');
  await expect(openPickedFolder(without)).rejects.toEqual(failsWith('manifest-invalid'));
  const torn = files.map((file) =>
    file.path.endsWith('decoder.onnx') ? { ...file, blob: file.blob.slice(1) } : file,
  );
  const broken = await store.read(await openPickedFolder([...torn, described]), 'q8');
  await expect(broken(decoder)).rejects.toEqual(failsWith('weights-corrupt'));
});
