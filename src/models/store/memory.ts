/** Bytes for the life of the process: Node and tests. */
import { NOTHING, type BlobStore } from './blobs.ts';

/** @param room bytes that it takes at most */
export function createMemoryBlobs(room = Infinity): BlobStore {
  const kept = new Map<string, { pieces: Uint8Array<ArrayBuffer>[]; isWhole: boolean }>();
  return {
    async state(key) {
      const found = kept.get(key);
      return found ? { bytes: sizeOf(found.pieces), isWhole: found.isWhole } : NOTHING;
    },
    async append(key) {
      const entry = kept.get(key) ?? { pieces: [], isWhole: false };
      kept.set(key, entry);
      return {
        get size() {
          return sizeOf(entry.pieces);
        },
        async write(bytes) {
          const all = [...kept.values()].reduce((sum, { pieces }) => sum + sizeOf(pieces), 0);
          if (all + bytes.byteLength > room) throw new DOMException('full', 'QuotaExceededError');
          entry.pieces.push(bytes.slice());
        },
        close: async () => undefined,
      };
    },
    async *read(key) {
      yield* kept.get(key)?.pieces ?? [];
    },
    async seal(key) {
      const found = kept.get(key);
      if (found) found.isWhole = true;
    },
    remove: async (key) => void kept.delete(key),
    keys: async () => [...kept.keys()],
  };
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
