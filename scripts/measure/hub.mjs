/**
 * `node scripts/measure/hub.mjs FIXTURE... [--cuts N] [--seed S] [--picture FILE] [--question TEXT]`
 * serves each fixture (training/fixtures) from a hub on this machine and asks the built page by
 * owner/name: once as it is, once with the connection cut at N random bytes, once with a wrong byte.
 * One JSON line each; exit status 1 if one is not as it should be.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openAppPage } from '../lib/app-page.mjs';
import { parse, UsageError, whole } from '../lib/args.mjs';
import { browserChoice } from '../lib/browser-args.mjs';
import { ensureBuild } from '../lib/build.mjs';
import { serveFakeHub } from '../lib/fake-hub.mjs';

/** What one read of a connection can hold; a cut may lose as much. Bytes. */
const CHUNK = 64 * 1024;

/** @typedef {import('../../src/core/contracts/automation.ts').AutomationEvent} AutomationEvent */
/** @typedef {Awaited<ReturnType<typeof serveFakeHub>>} FakeHub */

const TEXT = /** @type {const} */ ({ type: 'string' });
const { values, positionals } = parse({
  allowPositionals: true,
  options: { cuts: TEXT, seed: TEXT, picture: TEXT, question: TEXT },
});
if (positionals.length === 0) throw new UsageError('A folder of a fixture is needed.');
const cuts = whole('cuts', values.cuts, { from: 1 }) ?? 20;
const seed = whole('seed', values.seed, { from: 0 }) ?? 1;
const {
  picture = 'public/samples/picnic-cloth.jpg',
  question = 'What is it?\n(A) a cat\n(B) a dog',
} = values;

if ((await ensureBuild()) !== 0) throw new Error('The page could not be built.');
for (const folder of positionals) {
  /** What the first run asked for: only there do cuts hit anything. @type {Set<string>} */
  const wanted = new Set();
  for (const fault of /** @type {const} */ (['none', 'cuts', 'wrong'])) {
    const line = await measure(folder, fault, wanted);
    console.log(JSON.stringify(line));
    if (!line.ok) process.exitCode = 1;
  }
}

/** @param {string} folder @param {'none' | 'cuts' | 'wrong'} fault @param {Set<string>} wanted is filled */
async function measure(folder, fault, wanted) {
  const { family } = JSON.parse(readFileSync(path.join(folder, 'golden.json'), 'utf8'));
  const repo = `fixtures/${path.basename(folder)}`;
  const hub = await serveFakeHub({ [repo]: { folder: path.join(folder, 'hub') } });
  const app = await openAppPage(browserChoice({}, 'wasm'));
  try {
    if (fault === 'cuts') cutAtRandom(hub, repo, wanted);
    if (fault === 'wrong') {
      for (const { path: name } of hub.filesOf(repo)) {
        if (name.startsWith('onnx/decoder_model_merged')) hub.faults.wrong.add(name);
      }
    }
    const request = {
      question,
      policy: /** @type {const} */ ('coarse-to-fine'),
      device: /** @type {const} */ ('wasm'),
      model: repo,
      hub: hub.url,
    };
    const { last } = await app.ask(picture, request, () => undefined, true);
    for (const { path: name, sent } of hub.asked) if (name !== null && sent > 0) wanted.add(name);
    return { family, repo, fault, ...judge(last, fault, hub, await stored(app.page)) };
  } finally {
    await app.close();
    hub.close();
  }
}

/** Anywhere, the more bytes the likelier. @param {FakeHub} hub @param {string} repo @param {Set<string>} wanted */
function cutAtRandom(hub, repo, wanted) {
  const files = hub.filesOf(repo).filter(({ path: name }) => wanted.has(name));
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (let i = 0; i < cuts; i++) {
    const drawn = createHash('sha256').update(`${seed} ${i}`).digest().readUIntBE(0, 6);
    let at = drawn % all;
    const file = files.find(({ bytes }) => (at -= bytes) < 0);
    if (!file) continue;
    const list = hub.faults.cuts.get(file.path) ?? [];
    list.push(at + file.bytes);
    hub.faults.cuts.set(file.path, list);
  }
}

/**
 * @param {AutomationEvent | undefined} last
 * @param {'none' | 'cuts' | 'wrong'} fault
 * @param {FakeHub} hub
 * @param {readonly string[]} kept names of whole files
 */
function judge(last, fault, hub, kept) {
  /** @type {Map<string, number>} */
  const sent = new Map();
  for (const { path: name, sent: bytes } of hub.asked) {
    if (name !== null) sent.set(name, (sent.get(name) ?? 0) + bytes);
  }
  const [repo = ''] = [...new Set(hub.asked.map(({ url }) => /fixtures\/[^/]+/.exec(url)?.[0]))];
  const size = new Map(hub.filesOf(repo).map(({ path: name, bytes }) => [name, bytes]));
  const twice = [...sent].reduce(
    (sum, [name, bytes]) => sum + Math.max(0, bytes - (size.get(name) ?? 0)),
    0,
  );
  const left = [...hub.faults.cuts.values()].flat().length;
  const made = fault === 'cuts' ? cuts - left : 0;
  const traffic = { requests: hub.asked.length, cutsMade: made, bytesTwice: twice };
  const isThrifty = twice <= made * CHUNK;
  if (fault === 'wrong') {
    const code = last?.type === 'failed' ? last.error.code : (last?.type ?? 'nothing');
    const isKept = kept.some((name) => wrongKeys(hub, repo).includes(name));
    return { ok: code === 'weights-corrupt' && !isKept, code, wrongBytesKept: isKept, ...traffic };
  }
  if (last?.type !== 'report') {
    return { ok: false, failed: last?.type === 'failed' ? last.error : null, ...traffic };
  }
  const { stages, regions, image, prefill } = last.report;
  const looks = stages.map(({ stage }) => stage);
  const { width, height } = image;
  const isInside = regions.every(
    ({ x, y, width: w, height: h }) => x >= 0 && y >= 0 && x + w <= width && y + h <= height,
  );
  const ok = isInside && prefill.reused > 0 && prefill.recomputed === 0 && isThrifty;
  return { ok, looks, regions, isInside, prefill, ...traffic };
}

/** @param {FakeHub} hub @param {string} repo */
function wrongKeys(hub, repo) {
  return hub
    .filesOf(repo)
    .filter(({ path: name }) => hub.faults.wrong.has(name))
    .map(({ sha256, gitBlob }) => (sha256 === null ? `git-${gitBlob}` : `sha256-${sha256}`));
}

/** Everything that lies in the page's file system, whole or not. @param {import('@playwright/test').Page} page */
function stored(page) {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const models = await root.getDirectoryHandle('models', { create: true });
    /** @type {string[]} */
    const names = [];
    for await (const name of models.keys()) names.push(name);
    return names;
  });
}
