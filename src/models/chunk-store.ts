/** Where downloaded weights are kept: bytes by key, in the browser's Cache API. */

export interface ChunkStore {
  get(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  has(key: string): Promise<boolean>;
  /** @throws DOMException `QuotaExceededError` */
  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  delete(key: string): Promise<void>;
}

const CACHE_NAME = 'ergo-weights-1';

/** Keys have to look like URLs; this host can never be fetched (RFC 2606). */
const urlOf = (key: string): string => `https://weights.invalid/${key}`;

/** @returns null where there is no Cache API (insecure contexts, some private windows) */
export async function openCacheStore(): Promise<ChunkStore | null> {
  if (typeof caches === 'undefined') return null;
  let cache: Cache;
  try {
    cache = await caches.open(CACHE_NAME);
  } catch {
    // Storage switched off by the person: weights are then downloaded each time.
    return null;
  }
  return {
    async get(key) {
      const response = await cache.match(urlOf(key));
      return response ? new Uint8Array(await response.arrayBuffer()) : null;
    },
    has: async (key) => (await cache.match(urlOf(key))) !== undefined,
    put: (key, bytes) => cache.put(urlOf(key), new Response(bytes)),
    delete: async (key) => void (await cache.delete(urlOf(key))),
  };
}

/** Keeps bytes for the life of the process: Node, tests. */
export function createMemoryStore(): ChunkStore {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    get: async (key) => kept.get(key) ?? null,
    has: async (key) => kept.has(key),
    put: async (key, bytes) => void kept.set(key, bytes.slice()),
    delete: async (key) => void kept.delete(key),
  };
}
