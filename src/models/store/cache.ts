/** Cache Storage, where there is no file system: chunks as responses, each written as a whole. */
import type { BlobState, BlobStore, BlobWriter } from './blobs.ts';

/** What a crash can lose at most. Bytes. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

const CACHE_NAME = 'ergo-models-1';
const SEAL = 'whole';
const LENGTH = 'X-Length';

/** Keys have to look like URLs; this host can never be fetched (RFC 2606). */
const ROOT = 'https://weights.invalid/';

/** @returns null where there is no Cache API, or the person has switched it off */
export async function openCacheStore(): Promise<BlobStore | null> {
  if (typeof caches === 'undefined') return null;
  try {
    return createCacheStore(await caches.open(CACHE_NAME));
  } catch {
    return null;
  }
}

export function createCacheStore(cache: Cache): BlobStore {
  const get = async (key: string, name: string | number): Promise<Response | undefined> =>
    await cache.match(`${ROOT}${key}/${name}`);
  const put = (key: string, name: string | number, bytes: Uint8Array<ArrayBuffer>): Promise<void> =>
    cache.put(
      `${ROOT}${key}/${name}`,
      new Response(bytes, { headers: { [LENGTH]: String(bytes.byteLength) } }),
    );

  async function state(key: string): Promise<BlobState> {
    const chunks = await chunkCount(key);
    const last = chunks === 0 ? 0 : Number((await get(key, chunks - 1))?.headers.get(LENGTH));
    return {
      bytes: Math.max(0, chunks - 1) * CHUNK_BYTES + last,
      isWhole: (await get(key, SEAL)) !== undefined,
    };
  }

  async function chunkCount(key: string): Promise<number> {
    for (let count = 0; ; count++) if (!(await get(key, count))) return count;
  }

  return {
    state,
    async append(key) {
      const { bytes } = await state(key);
      const index = Math.floor(bytes / CHUNK_BYTES);
      const begun = bytes % CHUNK_BYTES === 0 ? undefined : await get(key, index);
      const open = begun ? new Uint8Array(await begun.arrayBuffer()) : new Uint8Array();
      return writerOf(bytes, open, (index, chunk) => put(key, index, chunk));
    },
    async *read(key) {
      for (let index = 0; ; index++) {
        const chunk = await get(key, index);
        if (!chunk) return;
        yield new Uint8Array(await chunk.arrayBuffer());
      }
    },
    seal: (key) => put(key, SEAL, new Uint8Array()),
    async remove(key) {
      await cache.delete(`${ROOT}${key}/${SEAL}`);
      // From the end: what is left of a removal that was cut short begins at the beginning.
      for (let index = (await chunkCount(key)) - 1; index >= 0; index--) {
        await cache.delete(`${ROOT}${key}/${index}`);
      }
    },
    async keys() {
      const requests = await cache.keys();
      const names = requests.map(({ url }) => url.slice(ROOT.length).split('/')[0] ?? '');
      return [...new Set(names)];
    },
  };
}

/** @param open the chunk that was begun */
function writerOf(
  size: number,
  open: Uint8Array<ArrayBuffer>,
  put: (index: number, chunk: Uint8Array<ArrayBuffer>) => Promise<void>,
): BlobWriter {
  let written = size - open.byteLength;
  const chunk = new Uint8Array(CHUNK_BYTES);
  chunk.set(open);
  let filled = open.byteLength;
  const flush = async (): Promise<void> => {
    await put(written / CHUNK_BYTES, chunk.slice(0, filled));
    if (filled < CHUNK_BYTES) return;
    written += CHUNK_BYTES;
    filled = 0;
  };
  return {
    get size() {
      return written + filled;
    },
    async write(bytes) {
      for (let at = 0; at < bytes.byteLength;) {
        const taken = bytes.subarray(at, at + CHUNK_BYTES - filled);
        chunk.set(taken, filled);
        filled += taken.byteLength;
        at += taken.byteLength;
        if (filled === CHUNK_BYTES) await flush();
      }
    },
    async close() {
      if (filled > 0) await flush();
    },
  };
}
