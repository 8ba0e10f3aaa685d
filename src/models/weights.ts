/** The weights store: download, resume, verify, keep, evict. Also reads folders that were picked. */
import { ErgoError, throwIfCancelled } from '../core/errors.ts';
import { openCacheStore, type ChunkStore } from './chunk-store.ts';
import { download, type Fetch } from './download.ts';
import { filesOf, type ModelFile, type ModelSource } from './source.ts';
import { CHUNK_BYTES, deleteStored, isStored, readStored, writeChunk } from './stored-file.ts';

export type WeightsProgress =
  | {
      readonly phase: 'download';
      readonly file: string;
      readonly loadedBytes: number;
      readonly totalBytes: number;
      readonly loadedOfAll: number;
      readonly totalOfAll: number;
      readonly fromCache: boolean;
    }
  | { readonly phase: 'verify'; readonly file: string };

export interface ReadOptions {
  readonly progress?: (step: WeightsProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Gives each file once; what is large is read from the store only then. */
export type FileReader = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

/** Models up to this size stay in memory between download and start. Bytes. */
const HELD_BYTES = 256 * 1024 * 1024;

export interface Weights {
  /**
   * Makes sure that all files of a dtype are here and whole.
   * @throws ErgoError `download-interrupted`, `weights-missing`, `weights-corrupt`,
   *   `storage-full`, `model-unsupported`, `out-of-memory`, `cancelled`
   */
  read(source: ModelSource, dtype: string, options?: ReadOptions): Promise<FileReader>;
  /** Would `read` work without the network? False for picked folders: they are not kept. */
  isCached(source: ModelSource, dtype: string): Promise<boolean>;
  /** Deletes what is kept of a model, all its dtypes. */
  evict(source: ModelSource): Promise<void>;
}

/**
 * @param store null keeps nothing
 * @param fetch for tests
 */
export function createWeights(
  store: ChunkStore | null,
  fetch: Fetch = (url, init) => globalThis.fetch(url, init),
): Weights {
  /** From the store as far as it goes, then from the network. */
  async function fromNetwork(
    { baseUrl }: ModelSource,
    file: ModelFile,
    report: (loaded: number, fromCache: boolean) => void,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const target = allocate(file);
    for (const mayResume of [true, false]) {
      const start = store && mayResume ? await readStored(store, file, target) : 0;
      let chunks = Math.floor(start / CHUNK_BYTES);
      report(start, start === file.bytes);
      const onBytes = async (loaded: number): Promise<void> => {
        report(loaded, false);
        const complete = loaded === file.bytes ? Math.ceil : Math.floor;
        if (!store) return;
        for (; chunks < complete(loaded / CHUNK_BYTES); chunks++) {
          await writeChunk(store, file, chunks, target);
        }
      };
      const url = new URL(file.path, baseUrl).href;
      await download({ url, file, target, start, fetch, onBytes, signal });
      if (await matches(file, target)) return target;
      if (store) await deleteStored(store, file);
      // A fresh copy that is wrong will be wrong again; a kept one may just have gone bad.
      if (start === 0) break;
    }
    throw corrupt(file);
  }

  async function readAll(
    source: ModelSource,
    dtype: string,
    { progress, signal }: ReadOptions = {},
  ): Promise<FileReader> {
    const files = filesOf(source, dtype);
    const totalOfAll = files.reduce((sum, file) => sum + file.bytes, 0);
    const held = new Map<string, Uint8Array<ArrayBuffer>>();
    let before = 0;
    for (const file of files) {
      throwIfCancelled(signal);
      const report = (loaded: number, fromCache: boolean): void => {
        progress?.({
          phase: 'download',
          file: file.path,
          loadedBytes: loaded,
          totalBytes: file.bytes,
          loadedOfAll: before + loaded,
          totalOfAll,
          fromCache,
        });
        if (loaded === file.bytes) progress?.({ phase: 'verify', file: file.path });
      };
      const bytes = source.local
        ? await fromFolder(source.local, file, report)
        : await fromNetwork(source, file, report, signal);
      before += file.bytes;
      if (store === null || totalOfAll <= HELD_BYTES || source.local) held.set(file.path, bytes);
    }
    return async (path) => {
      const kept = held.get(path);
      held.delete(path);
      if (kept) return kept;
      const file = files.find((candidate) => candidate.path === path);
      if (!file) throw new ErgoError('weights-missing', `${path} is no file of ${dtype}.`);
      const bytes = allocate(file);
      if (store && (await readStored(store, file, bytes)) === file.bytes) return bytes;
      throw corrupt(file);
    };
  }

  return {
    read: readAll,
    async isCached(source, dtype) {
      if (!store) return false;
      for (const file of filesOf(source, dtype)) if (!(await isStored(store, file))) return false;
      return true;
    },
    async evict(source) {
      if (store) for (const file of source.files) await deleteStored(store, file);
    },
  };
}

/** The store of this browser. */
export async function openWeights(): Promise<Weights> {
  return createWeights(await openCacheStore());
}

async function fromFolder(
  files: ReadonlyMap<string, Blob>,
  file: ModelFile,
  report: (loaded: number, fromCache: boolean) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const blob = files.get(file.path);
  if (!blob) throw new ErgoError('weights-missing', `The folder holds no ${file.path}.`);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  report(bytes.byteLength, true);
  if (!(await matches(file, bytes))) throw corrupt(file);
  return bytes;
}

async function matches(file: ModelFile, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  if (bytes.byteLength !== file.bytes) return false;
  // Insecure contexts have no SubtleCrypto (and no WebGPU, no store): length is all we can check.
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (!subtle) return true;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === file.sha256;
}

function allocate(file: ModelFile): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(file.bytes);
  } catch (cause) {
    const message = `${file.path} needs ${file.bytes} bytes in one piece.`;
    throw new ErgoError('out-of-memory', message, { cause });
  }
}

function corrupt(file: ModelFile): ErgoError {
  const message = `${file.path} differs from what its manifest says (SHA-256).`;
  return new ErgoError('weights-corrupt', message, { detail: { file: file.path } });
}
