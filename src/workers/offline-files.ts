/**
 * The files of one build in Cache Storage: fetched, checked, kept. Nothing is kept whose content is
 * not the build's own, so whatever a portal or a broken host sends is gone with the next request.
 */
import { PAUSES } from '../core/again.ts';
import type { BuildList } from '../core/contracts/offline.ts';
import { isPageOf, keyOf, typeOf } from './offline-rules.ts';

const CACHE_NAME = 'ergo-files-1';
/** Fetched at once while a build is installed. */
const ABREAST = 4;

export interface FilesParts {
  readonly list: BuildList;
  /** URL of the folder that the page lies in, with a slash at its end. */
  readonly scope: string;
  readonly caches: Pick<CacheStorage, 'open'>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly isOnline: () => boolean;
}

export interface BuildFiles {
  /** From what is kept, else from the network; then it is kept. @throws if neither has it */
  answer(path: string): Promise<Response>;
  /** All of them or an error; what is kept already is not fetched again. */
  keep(paths: readonly string[]): Promise<void>;
  /** Whatever is kept under this URL, of whichever build. */
  keptBefore(url: string): Promise<Response | undefined>;
  /** Forgets all but this build and the one before it, which other tabs may still show. */
  forgetOlder(): Promise<void>;
}

export function createBuildFiles(parts: FilesParts): BuildFiles {
  const { list, scope, caches, fetch, sleep, isOnline } = parts;
  const open = (): Promise<Cache> => caches.open(CACHE_NAME);
  const listUrl = `${scope}build-list`;

  async function kept(path: string): Promise<Response | undefined> {
    return (await open()).match(keyOf(path, list, scope), { ignoreVary: true });
  }

  async function fetchAndKeep(path: string): Promise<Response> {
    const response = await fetchChecked(path);
    const cache = await open();
    // A full disk must not take the answer away from the page.
    await cache.put(keyOf(path, list, scope), response.clone()).catch(() => undefined);
    return response;
  }

  /** The browser itself compares the hash, and rejects what has another. */
  async function fetchChecked(path: string): Promise<Response> {
    const isPage = path === 'index.html';
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await fetch(isPage ? scope : scope + path, {
          // An HTTP cache may hold what a portal said.
          cache: attempt === 0 ? 'default' : 'reload',
          credentials: 'same-origin',
          ...(!isPage && { integrity: `sha256-${list[path]}` }),
        });
        if (response.status !== 200) throw new Error(`${path}: status ${response.status}`);
        if (isPage && !isPageOf(await response.clone().text(), list)) {
          throw new Error('Another page came in place of this one.');
        }
        // The content is known to be right, so its type is too, whatever the host believes.
        const type = typeOf(path) ?? response.headers.get('Content-Type');
        return new Response(response.body, { ...(type && { headers: { 'Content-Type': type } }) });
      } catch (thrown) {
        const pause = PAUSES[attempt];
        if (pause === undefined || !isOnline()) throw thrown;
        await sleep(pause);
      }
    }
  }

  return {
    async answer(path) {
      return (await kept(path)) ?? fetchAndKeep(path);
    },
    async keep(paths) {
      const left = [...paths];
      const work = async (): Promise<void> => {
        for (let path = left.shift(); path !== undefined; path = left.shift()) {
          if (!(await kept(path))) await fetchAndKeep(path);
        }
      };
      await Promise.all(Array.from({ length: ABREAST }, work));
    },
    async keptBefore(url) {
      return (await open()).match(url, { ignoreSearch: true, ignoreVary: true });
    },
    async forgetOlder() {
      const cache = await open();
      const keys = Object.keys(list).map((path) => keyOf(path, list, scope));
      const before = (await (await cache.match(listUrl))?.json()) as string[] | undefined;
      const wanted = new Set([listUrl, ...keys, ...(before ?? [])]);
      const old = (await cache.keys()).filter(({ url }) => !wanted.has(url));
      await Promise.all(old.map((request) => cache.delete(request)));
      await cache.put(listUrl, new Response(JSON.stringify(keys)));
    },
  };
}
