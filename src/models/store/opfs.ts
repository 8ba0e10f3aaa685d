/**
 * The origin private file system: the one place of a browser that appends to a file of gigabytes and
 * gives its space back at once. Only workers can write (`createSyncAccessHandle`); any thread reads.
 */
import { ErgoError } from '../../core/errors.ts';
import { NOTHING, piecesOf, type BlobStore, type BlobWriter } from './blobs.ts';

/** What is used of the file system's handles; the page's library knows none of the worker's. */
export interface Folder {
  getFileHandle(name: string, options?: { create?: boolean }): Promise<FileHandle>;
  removeEntry(name: string): Promise<void>;
  keys(): AsyncIterable<string>;
}

interface FileHandle {
  getFile(): Promise<Blob>;
  /** Missing outside of workers. */
  createSyncAccessHandle?(): Promise<SyncHandle>;
}

interface SyncHandle {
  getSize(): number;
  /** @returns bytes written */
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

const FOLDER = 'models';
/** An empty file beside a whole one: the length alone does not say that the bytes are right. */
const SEAL = '.whole';

/** @returns null where there is none (insecure contexts, some private windows) */
export async function openOpfs(): Promise<BlobStore | null> {
  try {
    const root = await navigator.storage.getDirectory();
    return createOpfsStore(await root.getDirectoryHandle(FOLDER, { create: true }));
  } catch {
    return null;
  }
}

/** @param folder of which this store has everything to itself */
export function createOpfsStore(folder: Folder): BlobStore {
  const find = async (name: string): Promise<FileHandle | null> => {
    try {
      return await folder.getFileHandle(name);
    } catch (thrown) {
      if (isMissing(thrown)) return null;
      throw thrown;
    }
  };
  const drop = async (name: string): Promise<void> => {
    try {
      await folder.removeEntry(name);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
  };
  return {
    async state(key) {
      const handle = await find(key);
      if (handle === null) return NOTHING;
      const { size } = await handle.getFile();
      return { bytes: size, isWhole: (await find(key + SEAL)) !== null };
    },
    async append(key) {
      const handle = await folder.getFileHandle(key, { create: true });
      const access = await handle.createSyncAccessHandle?.();
      if (!access) throw new ErgoError('internal', 'Only a worker can write to the file system.');
      return writerOf(access);
    },
    async *read(key) {
      const handle = await find(key);
      if (handle !== null) yield* piecesOf(await handle.getFile());
    },
    async seal(key) {
      await folder.getFileHandle(key + SEAL, { create: true });
    },
    async remove(key) {
      // The seal first: what is left of a removal that was cut short is a part, not a whole.
      await drop(key + SEAL);
      await drop(key);
    },
    async keys() {
      const names: string[] = [];
      for await (const name of folder.keys()) if (!name.endsWith(SEAL)) names.push(name);
      return names;
    },
  };
}

function writerOf(handle: SyncHandle): BlobWriter {
  let size = handle.getSize();
  return {
    get size() {
      return size;
    },
    async write(bytes) {
      const written = handle.write(bytes, { at: size });
      if (written < bytes.byteLength) {
        handle.truncate(size);
        throw new DOMException('The file system took a part only.', 'QuotaExceededError');
      }
      size += written;
    },
    async close() {
      handle.flush();
      handle.close();
    },
  };
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'NotFoundError';
}
