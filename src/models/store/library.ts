/** Which models are stored, and which files belong to which: what keeps files from being orphaned. */
import { ErgoError } from '../../core/errors.ts';
import { keyOf } from '../hash.ts';
import { filesOf, type ModelFile, type ModelSource } from '../source.ts';
import { NOTHING, type BlobStore } from './blobs.ts';
import { lockOf } from './files.ts';
import type { Locks } from './locks.ts';
import type { ModelRecord, Records } from './records.ts';

export interface ModelStatus {
  readonly storedBytes: number;
  readonly totalBytes: number;
  /** It can be loaded without a network. */
  readonly isComplete: boolean;
}

export interface StoredModel {
  readonly reference: string;
  readonly name: string;
  readonly dtypes: readonly string[];
  readonly storedBytes: number;
  readonly totalBytes: number;
  /** What deleting it gives back: files that other models share stay. */
  readonly freedBytes: number;
  /** When it was loaded last, or its download began; milliseconds since 1970. */
  readonly usedAt: number;
  readonly notes: Readonly<Record<string, unknown>>;
}

export interface Library {
  statusOf(files: readonly ModelFile[], baseUrl: string): Promise<ModelStatus>;
  /** Before the first byte, so that whatever is stored belongs to a model that is known. */
  remember(source: ModelSource, dtype: string): Promise<void>;
  list(): Promise<readonly StoredModel[]>;
  remove(reference: string): Promise<void>;
  annotate(reference: string, name: string, value: unknown): Promise<void>;
}

/** Held while a model is downloaded, here or in another tab. */
export function modelLock(reference: string): string {
  return `ergo-models/model/${reference}`;
}

export function createLibrary(blobs: BlobStore | null, records: Records, locks: Locks): Library {
  async function statusOf(files: readonly ModelFile[], baseUrl: string): Promise<ModelStatus> {
    const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    let storedBytes = 0;
    let isComplete = blobs !== null;
    for (const file of files) {
      const state = (await blobs?.state(await keyOf(file, baseUrl))) ?? NOTHING;
      storedBytes += Math.min(state.bytes, file.bytes);
      isComplete &&= state.isWhole && state.bytes === file.bytes;
    }
    return { storedBytes, totalBytes, isComplete };
  }

  async function dropUnneeded(keys: readonly string[]): Promise<void> {
    const needed = new Set((await Promise.all((await records.all()).map(keysOf))).flat());
    for (const key of keys) {
      // Somebody may be writing a file that no model is known to need: it is left to him.
      if (blobs && !needed.has(key)) await locks.tryRun(lockOf(key), () => blobs.remove(key));
    }
  }

  async function describe(record: ModelRecord, all: readonly ModelRecord[]): Promise<StoredModel> {
    const others = all.filter(({ reference }) => reference !== record.reference);
    const shared = new Set((await Promise.all(others.map(keysOf))).flat());
    const keys = await keysOf(record);
    const own = record.files.filter((_, i) => !shared.has(keys[i] ?? ''));
    const wanted = record.files.filter(({ path }) => record.wanted.includes(path));
    const { storedBytes, totalBytes } = await statusOf(wanted, record.baseUrl);
    const { storedBytes: freedBytes } = await statusOf(distinct(own), record.baseUrl);
    const { reference, name, dtypes, usedAt, notes } = record;
    return { reference, name, dtypes, storedBytes, totalBytes, freedBytes, usedAt, notes };
  }

  return {
    statusOf,
    async remember(source, dtype) {
      const { reference, profile, baseUrl, texts = {}, files } = source;
      if (reference === undefined) return;
      const before = await records.change(reference, (known) => {
        const dtypes = [...new Set([...(known?.dtypes ?? []), dtype])].filter(
          (name) => name in source.dtypes,
        );
        const paths = dtypes.flatMap((name) => filesOf(source, name).map(({ path }) => path));
        return {
          reference,
          id: profile.id,
          name: profile.name,
          baseUrl,
          files,
          texts,
          dtypes,
          wanted: [...new Set(paths)],
          usedAt: Date.now(),
          notes: known?.notes ?? {},
        };
      });
      // Newer weights at the same place: the older ones would never be asked for again.
      if (before) await dropUnneeded(await keysOf(before));
    },
    async list() {
      const all = await records.all();
      const listed = await Promise.all(all.map((record) => describe(record, all)));
      return listed.sort((a, b) => b.usedAt - a.usedAt);
    },
    async remove(reference) {
      const isFree = await locks.tryRun(modelLock(reference), async () => {
        const record = await records.change(reference, () => undefined);
        // Whatever nobody knows any more goes as well.
        const all = (await blobs?.keys()) ?? [];
        await dropUnneeded([...new Set([...(record ? await keysOf(record) : []), ...all])]);
      });
      if (!isFree) throw new ErgoError('store-busy', 'The model is being downloaded just now.');
    },
    async annotate(reference, name, value) {
      await records.change(reference, (known) => {
        if (!known) return undefined;
        const { [name]: _, ...notes } = known.notes;
        return { ...known, notes: value === null ? notes : { ...notes, [name]: value } };
      });
    },
  };
}

function keysOf({ files, baseUrl }: ModelRecord): Promise<string[]> {
  return Promise.all(files.map((file) => keyOf(file, baseUrl)));
}

/** Two paths with the same content are one file in the store. */
function distinct(files: readonly ModelFile[]): readonly ModelFile[] {
  const seen = new Set<string>();
  return files.filter(({ path, sha256, gitBlob }) => {
    const name = sha256 ?? gitBlob ?? path;
    return !seen.has(name) && seen.add(name);
  });
}
