/**
 * A file in the chunk store. Chunks are named by the file's SHA-256, so that two folders with the
 * same file share it, and an interrupted download continues after its last whole chunk.
 */
import { ErgoError } from '../core/errors.ts';
import type { ChunkStore } from './chunk-store.ts';
import type { ModelFile } from './source.ts';

/** Bytes; what an interruption can lose at most. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

function keyOf(file: ModelFile, index: number): string {
  return `${file.sha256}/${index}`;
}

function chunkCount(file: ModelFile): number {
  return Math.ceil(file.bytes / CHUNK_BYTES);
}

/** Whole chunks at the start of the file that are there. */
export async function storedChunks(store: ChunkStore, file: ModelFile): Promise<number> {
  const total = chunkCount(file);
  for (let index = 0; index < total; index++) {
    if (!(await store.has(keyOf(file, index)))) return index;
  }
  return total;
}

export async function isStored(store: ChunkStore, file: ModelFile): Promise<boolean> {
  return (await storedChunks(store, file)) === chunkCount(file);
}

/**
 * Fills `target` from the store.
 * @returns bytes read from the start, a multiple of a chunk or the whole file
 */
export async function readStored(
  store: ChunkStore,
  file: ModelFile,
  target: Uint8Array,
): Promise<number> {
  let offset = 0;
  for (let index = 0; offset < file.bytes; index++) {
    const chunk = await store.get(keyOf(file, index));
    if (chunk?.byteLength !== Math.min(CHUNK_BYTES, file.bytes - offset)) break;
    target.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return offset;
}

/**
 * Stores one chunk of a file that is being downloaded.
 * @throws ErgoError `storage-full`
 */
export async function writeChunk(
  store: ChunkStore,
  file: ModelFile,
  index: number,
  whole: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const start = index * CHUNK_BYTES;
  const chunk = whole.subarray(start, Math.min(start + CHUNK_BYTES, file.bytes));
  try {
    await store.put(keyOf(file, index), chunk);
  } catch (cause) {
    throw new ErgoError('storage-full', `${file.path} does not fit into the browser's storage.`, {
      cause,
      detail: { file: file.path, bytes: file.bytes },
    });
  }
}

export async function deleteStored(store: ChunkStore, file: ModelFile): Promise<void> {
  for (let index = 0; index < chunkCount(file); index++) await store.delete(keyOf(file, index));
}
