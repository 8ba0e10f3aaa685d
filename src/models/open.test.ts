/** Models by name, against a hub on this machine; in Node, so over a real network stack. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serveFakeHub } from '../../scripts/lib/fake-hub.mjs';
import { serveFolder } from '../../scripts/lib/static-server.mjs';
import { ErgoError, type ErrorCode } from '../core/errors.ts';
import { EXAMPLES } from './families/testing.ts';
import { NETWORK, type Network } from './hub/fetch.ts';
import { SESSIONS } from './layout.ts';
import { openModel, openPickedFolder, type OpenOptions } from './open.ts';
import { createMemoryBlobs } from './store/memory.ts';
import { createMemoryRecords } from './store/records.ts';
import { createStore } from './store/store.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ergo-hub-'));
const repo = 'maker/Tiny-ONNX';
let hub: Awaited<ReturnType<typeof serveFakeHub>>;
let site: Awaited<ReturnType<typeof serveFolder>>;
const pauses: number[] = [];
const network: Network = { fetch: NETWORK.fetch, sleep: async (ms) => void pauses.push(ms) };

beforeAll(async () => {
  mkdirSync(path.join(folder, 'onnx'));
  for (const [name, content] of Object.entries(EXAMPLES['qwen3.5'])) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path.join(folder, name), text);
  }
  writeFileSync(path.join(folder, 'tokenizer.json'), '{}');
  writeFileSync(path.join(folder, 'vocab.json'), '{}');
  for (const session of SESSIONS) {
    writeFileSync(path.join(folder, `onnx/${session}_q4.onnx`), session);
    writeFileSync(path.join(folder, `onnx/${session}_q4.onnx_data`), `${session} data`);
  }
  hub = await serveFakeHub({
    [repo]: { folder },
    'maker/gated': { folder, gated: true },
    'maker/private': { folder, private: true },
    'maker/other': { folder: path.join(folder, 'onnx') },
  });
  site = await serveFolder(folder, 0);
});

afterEach(() => {
  Object.assign(hub.faults, { isDown: false, limit: { count: 0, seconds: null } });
  hub.faults.wrong.clear();
  hub.asked.length = 0;
  pauses.length = 0;
});

afterAll(() => {
  hub.close();
  site.close();
  rmSync(folder, { recursive: true });
});

const open = (text: string, more: OpenOptions = {}) =>
  openModel(text, { hub: hub.url, network, records: createMemoryRecords(), ...more });

async function refusal(opening: Promise<unknown>): Promise<ErgoError> {
  const thrown = await opening.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof ErgoError) return thrown;
  throw new Error('It was not refused.');
}

const portal: Network['fetch'] = async () =>
  new Response('<h1>Sign in</h1>', { headers: { 'Content-Type': 'text/html' } });

describe('a model of the hub', () => {
  it('is described by its own files, and pinned to its commit', async () => {
    const source = await open(repo);
    const commit = hub.commitOf(repo);
    expect(source).toMatchObject({
      reference: `${repo}@${commit}`,
      baseUrl: `${hub.url}/${repo}/resolve/${commit}/`,
      profile: { id: repo, name: 'Tiny-ONNX', family: 'qwen3.5' },
    });
    expect(Object.keys(source.dtypes)).toEqual(['q4']);
    const byPath = new Map(source.files.map((file) => [file.path, file]));
    expect(byPath.get('onnx/embed_tokens_q4.onnx')?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(byPath.get('config.json')?.gitBlob).toMatch(/^[0-9a-f]{40}$/);
    // Nobody reads it, so nobody downloads it.
    expect(byPath.has('vocab.json')).toBe(false);
    expect(hub.asked.every(({ referrer }) => referrer === null)).toBe(true);
    expect(hub.asked.every(({ path }) => !path?.startsWith('onnx/'))).toBe(true);
  });

  it('is found by branch and by commit', async () => {
    const commit = hub.commitOf(repo);
    for (const revision of ['main', commit]) {
      expect((await open(`${repo}@${revision}`)).reference).toBe(`${repo}@${commit}`);
    }
  });

  it('is downloaded over redirects and cuts, and opened and read without a network', async () => {
    const records = createMemoryRecords();
    const blobs = createMemoryBlobs();
    const source = await open(repo, { records });
    for (const { path: name, bytes } of source.files) hub.faults.cuts.set(name, [bytes >> 1]);
    await createStore({ blobs, records, network }).download(source, 'q4');
    const files = new Map(source.files.map(({ path: name, bytes }) => [name, bytes]));
    for (const [name, bytes] of files) {
      const sent = hub.asked.filter(({ path }) => path === name).map(({ sent }) => sent);
      expect([name, sent.reduce((a, b) => a + b, 0)]).toEqual([name, bytes]);
    }
    hub.faults.isDown = true;
    const again = await open(repo, { records });
    expect(again).toEqual(source);
    const read = await createStore({ blobs, records, network }).read(again, 'q4');
    const text = new TextDecoder().decode(await read('onnx/embed_tokens_q4.onnx_data'));
    expect(text).toBe('embed_tokens data');
  });

  it('has its small files continued where they were cut, however often', async () => {
    hub.faults.cuts.set('chat_template.jinja', [10, 20, 30, 40, 50, 60]);
    await open(repo);
    const asked = hub.asked.filter(({ path }) => path === 'chat_template.jinja');
    const [file] = hub.filesOf(repo).filter(({ path }) => path === 'chat_template.jinja');
    expect(asked.reduce((sum, { sent }) => sum + sent, 0)).toBe(file?.bytes);
  });

  it('needs no request at all for a commit that is stored, whatever hub it came from', async () => {
    const records = createMemoryRecords();
    const source = await open(repo, { records });
    await createStore({ blobs: createMemoryBlobs(), records, network }).download(source, 'q4');
    hub.asked.length = 0;
    const name = `${repo}@${hub.commitOf(repo)}`;
    const again = await open(name, { records, hub: 'https://mirror.test' });
    expect(again.baseUrl).toBe(`https://mirror.test/${repo}/resolve/${hub.commitOf(repo)}/`);
    expect(hub.asked).toEqual([]);
  });

  it.each<[string, ErrorCode, string]>([
    ['maker/gated', 'hub-gated', 'accepted its conditions'],
    ['maker/private', 'hub-missing', 'is private, or there is no such model'],
    ['nobody/nothing', 'hub-missing', 'is private, or there is no such model'],
    [`${repo}@v9`, 'hub-revision', 'has no revision "v9"'],
    ['maker/other', 'manifest-invalid', 'neither manifest.json nor config.json'],
  ])('%s is refused with %s', async (name, code, sentence) => {
    const error = await refusal(open(name));
    expect(error.code).toBe(code);
    expect(error.message).toContain(sentence);
  });

  it('is said to be out of reach when nobody answers', async () => {
    hub.faults.isDown = true;
    const error = await refusal(open(repo));
    expect(error.code).toBe('offline');
    expect(error.message).toBe(`${new URL(hub.url).host} could not be reached.`);
  });

  it('is asked for again after failures that pass, with pauses that grow', async () => {
    const failures = [
      () => Promise.reject(new TypeError('Failed to fetch')),
      async () => new Response('', { status: 503 }),
    ];
    const fetch: Network['fetch'] = (url, init) => (failures.shift() ?? NETWORK.fetch)(url, init);
    const source = await open(repo, { network: { ...network, fetch } });
    expect(source.profile.id).toBe(repo);
    expect(pauses).toEqual([500, 1000]);
  });

  it('is not waited for where the device has no network at all', async () => {
    hub.faults.isDown = true;
    const refused = await refusal(open(repo, { network: { ...network, isOnline: () => false } }));
    expect(refused.code).toBe('offline');
    expect(pauses).toEqual([]);
  });

  it('that is stored is opened where a portal answers everything with its page', async () => {
    const records = createMemoryRecords();
    for (const name of [repo, site.url]) {
      const source = await open(name, { records });
      const store = createStore({ blobs: createMemoryBlobs(), records, network });
      await store.download(source, 'q4');
      const again = await open(name, { records, network: { ...network, fetch: portal } });
      expect(again.reference).toBe(source.reference);
    }
  });

  it('waits for a short limit of requests, and tells a long or unknown one', async () => {
    hub.faults.limit = { count: 1, seconds: 3 };
    await open(repo);
    expect(pauses).toEqual([4000]);
    hub.faults.limit = { count: 1, seconds: 280 };
    const long = await refusal(open(repo));
    expect([long.code, long.detail?.['waitSeconds']]).toEqual(['hub-busy', 280]);
    hub.faults.limit = { count: 1, seconds: null };
    expect((await refusal(open(repo))).message).toContain('Wait some minutes.');
  });

  it('is refused if a small file differs from its hash', async () => {
    hub.faults.wrong.add('config.json');
    expect((await refusal(open(repo))).code).toBe('weights-corrupt');
  });

  it('is not taken from a server that is no hub', async () => {
    const error = await refusal(open(repo, { hub: site.url.replace(/\/$/, '') }));
    expect(error.code).toBe('hub-missing');
  });
});

describe('the URL of a folder', () => {
  it('needs no manifest: its files are asked for by name', async () => {
    const source = await open(site.url);
    const fromHub = await open(repo);
    expect(source.dtypes).toEqual(fromHub.dtypes);
    expect(source.profile).toMatchObject({
      ...fromHub.profile,
      id: expect.any(String),
      name: expect.any(String),
    });
    const sizes = (files: typeof source.files) =>
      files.map(({ path, bytes }) => `${path} ${bytes}`).sort();
    expect(sizes(source.files)).toEqual(sizes(fromHub.files));
    const store = createStore({ blobs: createMemoryBlobs(), network });
    const read = await store.read(source, 'q4');
    expect(new TextDecoder().decode(await read('tokenizer.json'))).toBe('{}');
  });

  it('without a model in it is told at once', async () => {
    expect((await refusal(open(`${site.url}onnx/`))).code).toBe('weights-missing');
  });

  it('on plain http of another computer is refused before it is asked for', async () => {
    let isAsked = false;
    const fetch: Network['fetch'] = async () => {
      isAsked = true;
      return new Response();
    };
    const opening = open('http://192.0.2.1/model/', { network: { ...network, fetch } });
    const { code, message } = await refusal(opening);
    expect([code, isAsked]).toEqual(['bad-request', false]);
    expect(message).toContain('192.0.2.1 has to be asked by https');
  });
});

it('a picked folder in the hub’s layout needs no manifest either', async () => {
  const hubFiles = hub.filesOf(repo).map(({ path: name }) => name);
  const files = Object.entries(EXAMPLES['qwen3.5']).map(([name, content]) => ({
    path: `Picked/${name}`,
    blob: new Blob([typeof content === 'string' ? content : JSON.stringify(content)]),
  }));
  const graphs = hubFiles
    .filter((name) => name.startsWith('onnx/') || name === 'tokenizer.json')
    .map((name) => ({ path: `Picked/${name}`, blob: new Blob(['x']) }));
  const source = await openPickedFolder([...files, ...graphs]);
  expect(source.profile.id).toBe('Picked');
  expect(Object.keys(source.dtypes)).toEqual(['q4']);
  expect(source.local?.size).toBe(files.length + graphs.length);
  const other = files.map((file) =>
    file.path.endsWith('/config.json')
      ? { ...file, blob: new Blob(['{"model_type":"llava"}']) }
      : file,
  );
  expect((await refusal(openPickedFolder([...other, ...graphs]))).message).toContain('"llava"');
  expect((await refusal(openPickedFolder(files))).code).toBe('model-unsupported');
});

it('what has to be converted first is said to be so', async () => {
  const error = await refusal(open('ergo-7b'));
  expect([error.code, error.message]).toEqual([
    'model-unsupported',
    expect.stringContaining('has to be converted first'),
  ]);
});
