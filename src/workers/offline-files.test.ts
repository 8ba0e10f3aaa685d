import { describe, expect, it } from 'vitest';
import { PAUSES } from '../core/again.ts';
import type { BuildList } from '../core/contracts/offline.ts';
import { createBuildFiles } from './offline-files.ts';

const scope = 'https://host/app/';
const older = { 'assets/index-1.js': 'one', 'assets/same.js': 'same', 'index.html': 'h1' };
const list = { 'assets/index-2.js': 'two', 'assets/same.js': 'same', 'index.html': 'h2' };
const page = (build: number): string => `<script src="./assets/index-${build}.js"></script>`;

const plain = (url: string): string => url.replace(/\?.*/, '');

/** Cache Storage as far as it is used; queries are compared as a browser does. */
function fakeCache() {
  const kept = new Map<string, Response>();
  const cache = {
    async match(url: string, { ignoreSearch = false } = {}) {
      const key = ignoreSearch ? [...kept.keys()].find((key) => plain(key) === plain(url)) : url;
      return key === undefined ? undefined : kept.get(key)?.clone();
    },
    put: async (url: string, response: Response) => void kept.set(url, response),
    keys: async () => [...kept.keys()].map((url) => ({ url })),
    delete: async ({ url }: { url: string }) => kept.delete(url),
  };
  const paths = (): string[] =>
    [...kept.keys()].map((key) => plain(key).slice(scope.length)).filter((p) => p !== 'build-list');
  return { caches: { open: async () => cache as unknown as Cache }, paths };
}

type Fake = ReturnType<typeof fakeCache>;
type Answer = () => Response;

const right: Answer = () => new Response('right', { headers: { 'Content-Type': 'text/plain' } });
const portal: Answer = () => new Response('<h1>Sign in</h1>');
const broken: Answer = () => new Response('', { status: 503 });
const lost: Answer = () => {
  throw new TypeError('Failed to fetch');
};

/** @param answers of a path, one after the other; the last one stays */
function open(
  answers: Record<string, Answer[]>,
  { build = list, cache = fakeCache() }: { build?: BuildList; cache?: Fake } = {},
) {
  const asked: string[] = [];
  const pauses: number[] = [];
  const files = createBuildFiles({
    list: build,
    scope,
    caches: cache.caches,
    async fetch(url, { cache, integrity }) {
      const path = url.slice(scope.length) || 'index.html';
      asked.push(`${path} ${cache} ${integrity ?? '-'}`);
      const left = answers[path] ?? [right];
      const answer = left.length > 1 ? left.shift() : left[0];
      return (answer ?? right)();
    },
    sleep: async (milliseconds) => void pauses.push(milliseconds),
    isOnline: () => true,
  });
  return { files, asked, pauses, cache };
}

describe('the files of a build', () => {
  it('are asked for by their hashes, kept, and not asked for again', async () => {
    const { files, asked } = open({});
    await files.keep(['assets/index-2.js']);
    expect(await (await files.answer('assets/index-2.js')).text()).toBe('right');
    expect(asked).toEqual(['assets/index-2.js default sha256-two']);
  });

  it('come again after a loss, past what an HTTP cache holds, with their own types', async () => {
    const { files, asked, pauses } = open({ 'assets/same.js': [lost, right] });
    const response = await files.answer('assets/same.js');
    expect(response.headers.get('Content-Type')).toBe('text/javascript');
    expect(asked).toEqual([
      'assets/same.js default sha256-same',
      'assets/same.js reload sha256-same',
    ]);
    expect(pauses).toEqual(PAUSES.slice(0, 1));
  });

  it("are no portal's page, no error of the host, and nothing that is lost", async () => {
    const { files, cache } = open({
      'index.html': [portal],
      'assets/index-2.js': [broken],
      'assets/same.js': [lost],
    });
    await expect(files.keep(['index.html'])).rejects.toThrow('Another page');
    await expect(files.keep(['assets/index-2.js'])).rejects.toThrow('status 503');
    await expect(files.keep(['assets/same.js'])).rejects.toThrow('Failed to fetch');
    expect(cache.paths()).toEqual([]);
    const own = open({ 'index.html': [() => new Response(page(2))] });
    await own.files.keep(['index.html']);
    expect(own.cache.paths()).toEqual(['index.html']);
  });

  it('outlive the next build, and not the one after', async () => {
    const first = open({ 'index.html': [() => new Response(page(1))] }, { build: older });
    await first.files.keep(Object.keys(older));
    await first.files.forgetOlder();
    const { cache } = first;
    const second = open({ 'index.html': [() => new Response(page(2))] }, { cache });
    await second.files.keep(Object.keys(list));
    await second.files.forgetOlder();
    expect(second.asked.map((line) => line.split(' ')[0])).not.toContain('assets/same.js');
    expect(await second.files.keptBefore(`${scope}assets/index-1.js`)).toBeDefined();
    const third = open({}, { build: { ...list, 'assets/new.js': 'new' }, cache });
    await third.files.forgetOlder();
    expect(cache.paths().sort()).toEqual(['assets/index-2.js', 'assets/same.js', 'index.html']);
  });
});
