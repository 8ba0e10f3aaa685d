/** The models that this browser keeps: download, resume, verify, share, list, delete. */
import { ErgoError, hasCode, throwIfCancelled } from '../../core/errors.ts';
import { NETWORK, type Network } from '../hub/fetch.ts';
import { sizeText } from '../size-text.ts';
import { filesOf, type ModelFile, type ModelSource } from '../source.ts';
import type { FileReader, ReadOptions, Weights } from '../weights.ts';
import { adoptOldCache } from './adopt.ts';
import type { BlobStore } from './blobs.ts';
import { openCacheStore } from './cache.ts';
import { fromFolder, fromStore, hold, keep, orFull, type Job } from './files.ts';
import { createLibrary, modelLock, type Library, type ModelStatus } from './library.ts';
import { openLocks, type Locks } from './locks.ts';
import { openOpfs } from './opfs.ts';
import { createProgress } from './progress.ts';
import { createMemoryRecords, openRecords, type Records } from './records.ts';

/** Of everything that this site keeps. Bytes. */
export interface StorageRoom {
  readonly usageBytes: number;
  readonly quotaBytes: number;
  readonly freeBytes: number;
}

export interface ModelStore extends Weights, Pick<Library, 'list' | 'remove' | 'annotate'> {
  /** @throws ErgoError `model-unsupported` for an unknown dtype */
  status(source: ModelSource, dtype: string): Promise<ModelStatus>;
  /**
   * Keeps all files of a dtype. Cancelling pauses: what came stays, and the next call goes on.
   * @throws ErgoError `storage-full` before the first byte if there is too little room, and as
   *   `read`
   */
  download(source: ModelSource, dtype: string, options?: ReadOptions): Promise<void>;
  /** Null where the browser does not tell. */
  estimate(): Promise<StorageRoom | null>;
}

export interface StoreParts {
  /** Null: nothing is kept, models stay in memory. */
  readonly blobs: BlobStore | null;
  readonly records: Records;
  readonly locks: Locks;
  readonly network: Network;
  readonly estimate: () => Promise<StorageRoom | null>;
}

export function createStore({
  blobs = null,
  records = createMemoryRecords(),
  locks = openLocks(),
  network = NETWORK,
  estimate = async () => null,
}: Partial<StoreParts> = {}): ModelStore {
  const library = createLibrary(blobs, records, locks);
  const parts = { locks, network };

  const statusOf = (source: ModelSource, dtype: string): Promise<ModelStatus> =>
    library.statusOf(filesOf(source, dtype), source.baseUrl);

  /** How much too little room there is; 0 where it is enough, or not known. Bytes. */
  async function lacking(source: ModelSource, dtype: string): Promise<number> {
    const { storedBytes, totalBytes } = await statusOf(source, dtype);
    const room = await estimate();
    return room === null ? 0 : Math.max(0, totalBytes - storedBytes - room.freeBytes);
  }

  /** One download of a model at a time, over all tabs; a second one finds it done. */
  const alone = <T>(job: Job, work: () => Promise<T>): Promise<T> => {
    const { reference = job.source.baseUrl } = job.source;
    const { signal, report } = job;
    return locks.run(modelLock(reference), { signal, onWait: () => report.otherTab() }, work);
  };

  const adopt = (store: BlobStore, signal: AbortSignal | undefined): Promise<void> =>
    locks.run('ergo-models', { signal }, () => adoptOldCache(store));

  return {
    list: () => library.list(),
    remove: (reference) => library.remove(reference),
    annotate: (reference, name, value) => library.annotate(reference, name, value),
    estimate,

    async read(source, dtype, { progress, signal } = {}) {
      throwIfCancelled(signal);
      const files = filesOf(source, dtype);
      const job = { source, report: createProgress(files, progress), signal };
      if (source.local) {
        checkFolder(source.local, files);
        return readerOf(files, (file) => fromFolder(file, job));
      }
      let store = blobs;
      if (store) {
        await adopt(store, signal);
        const bytes = await lacking(source, dtype);
        try {
          if (bytes > 0)
            throw noRoom(`${sizeText(bytes)} of storage are missing to keep the model.`);
          // Not every browser tells the truth about the room that there is.
          await orFull(library.remember(source, dtype), 'the model');
        } catch (thrown) {
          if (!hasCode(thrown, 'storage-full')) throw thrown;
          job.report.notKept(thrown.message);
          store = null;
        }
      }
      const held = new Map<string, Uint8Array<ArrayBuffer>>();
      await alone(job, async () => {
        for (const file of files) {
          throwIfCancelled(signal);
          try {
            if (store) await keep(store, file, parts, job);
          } catch (thrown) {
            if (!hasCode(thrown, 'storage-full')) throw thrown;
            job.report.notKept(thrown.message);
            store = null;
          }
          if (!store) held.set(file.path, await hold(blobs, file, parts, job));
        }
      });
      return readerOf(files, async (file) => {
        const bytes = held.get(file.path);
        held.delete(file.path);
        if (bytes) return bytes;
        if (blobs) return await fromStore(blobs, file, parts, job);
        throw new ErgoError('internal', `${file.path} was read twice.`);
      });
    },

    async status(source, dtype) {
      if (!source.local) return await statusOf(source, dtype);
      const totalBytes = filesOf(source, dtype).reduce((sum, { bytes }) => sum + bytes, 0);
      return { storedBytes: totalBytes, totalBytes, isComplete: true };
    },

    async download(source, dtype, { progress, signal } = {}) {
      throwIfCancelled(signal);
      if (source.local) throw new ErgoError('bad-request', 'A picked folder is not downloaded.');
      if (!blobs) throw new ErgoError('storage-full', 'This browser keeps nothing for the page.');
      await adopt(blobs, signal);
      const missingBytes = await lacking(source, dtype);
      if (missingBytes > 0) throw await tooLittleRoom(source, dtype, missingBytes);
      await orFull(library.remember(source, dtype), source.profile.name);
      const files = filesOf(source, dtype);
      const job = { source, report: createProgress(files, progress), signal };
      await alone(job, async () => {
        for (const file of files) {
          throwIfCancelled(signal);
          await keep(blobs, file, parts, job);
        }
      });
    },
  };

  async function tooLittleRoom(
    source: ModelSource,
    dtype: string,
    missingBytes: number,
  ): Promise<ErgoError> {
    const { storedBytes, totalBytes } = await statusOf(source, dtype);
    const needed = totalBytes - storedBytes;
    const message =
      `${source.profile.name} needs ${sizeText(needed)} and this browser gives the page ` +
      `${sizeText(needed - missingBytes)}: ${sizeText(missingBytes)} are missing.`;
    return new ErgoError('storage-full', message, { detail: { missingBytes } });
  }
}

/** The store of this browser: files where they can be appended to, else Cache Storage, else none. */
export async function openStore(): Promise<ModelStore> {
  const [blobs, records] = await Promise.all([openBlobs(), openRecords()]);
  return createStore({ blobs, records, estimate });
}

async function openBlobs(): Promise<BlobStore | null> {
  return (await openOpfs()) ?? (await openCacheStore());
}

async function estimate(): Promise<StorageRoom | null> {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    if (usage === undefined || quota === undefined) return null;
    const freeBytes = Math.max(0, quota - usage);
    return { usageBytes: usage, quotaBytes: quota, freeBytes };
  } catch {
    return null;
  }
}

function noRoom(message: string): ErgoError {
  return new ErgoError('storage-full', message);
}

/** Before anything is read: a folder that lacks a file is told at once. */
function checkFolder(local: ReadonlyMap<string, Blob>, files: readonly ModelFile[]): void {
  for (const { path } of files) {
    if (!local.has(path)) throw new ErgoError('weights-missing', `The folder holds no ${path}.`);
  }
}

function readerOf(
  files: readonly ModelFile[],
  read: (file: ModelFile) => Promise<Uint8Array<ArrayBuffer>>,
): FileReader {
  return async (path) => {
    const file = files.find((candidate) => candidate.path === path);
    if (file) return await read(file);
    throw new ErgoError('weights-missing', `${path} is no file of this model.`);
  };
}
