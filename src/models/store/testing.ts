/** The two places of a browser in memory: a folder as a worker sees it, and Cache Storage. */
import type { Folder } from './opfs.ts';

const missing = (name: string): DOMException => new DOMException(name, 'NotFoundError');

export function createMemoryFolder(): Folder {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const open = new Set<string>();
  const accessOf = (name: string) => {
    if (open.has(name)) throw new DOMException(name, 'NoModificationAllowedError');
    open.add(name);
    const resize = (size: number): Uint8Array<ArrayBuffer> => {
      const bytes = new Uint8Array(size);
      bytes.set((files.get(name) ?? bytes).subarray(0, size));
      files.set(name, bytes);
      return bytes;
    };
    return {
      getSize: () => files.get(name)?.byteLength ?? 0,
      write(bytes: Uint8Array<ArrayBuffer>, { at }: { at: number }) {
        resize(Math.max(at + bytes.byteLength, files.get(name)?.byteLength ?? 0)).set(bytes, at);
        return bytes.byteLength;
      },
      truncate: (size: number) => void resize(size),
      flush: () => undefined,
      close: () => void open.delete(name),
    };
  };
  return {
    async getFileHandle(name, { create = false } = {}) {
      if (!files.has(name) && !create) throw missing(name);
      if (!files.has(name)) files.set(name, new Uint8Array());
      return {
        getFile: async () => new Blob([files.get(name) ?? new Uint8Array()]),
        createSyncAccessHandle: async () => accessOf(name),
      };
    },
    async removeEntry(name) {
      if (open.has(name)) throw new DOMException(name, 'NoModificationAllowedError');
      if (!files.delete(name)) throw missing(name);
    },
    async *keys() {
      yield* files.keys();
    },
  };
}

/** What the store uses of a cache. */
export function createMemoryCache(): Cache {
  const kept = new Map<string, Response>();
  const cache = {
    match: async (url: string) => kept.get(url)?.clone(),
    put: async (url: string, response: Response) => void kept.set(url, response),
    delete: async (url: string) => kept.delete(url),
    keys: async () => [...kept.keys()].map((url) => ({ url })),
  };
  return cache as unknown as Cache;
}
