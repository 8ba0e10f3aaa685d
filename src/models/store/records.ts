/** What the store remembers of each model: enough to describe and to delete it without a network. */
import { openDB, type DBSchema } from 'idb';
import type { ModelFolder } from '../folder.ts';

export interface ModelRecord extends Omit<ModelFolder, 'local' | 'reference'> {
  readonly reference: string;
  readonly name: string;
  /** Those that were asked for, downloaded wholly or in part. */
  readonly dtypes: readonly string[];
  /** Paths of the files that they need. */
  readonly wanted: readonly string[];
  /** When a download of it began last, or it was read last; milliseconds since 1970. */
  readonly usedAt: number;
  /** What others keep beside a model: plain data by name. */
  readonly notes: Readonly<Record<string, unknown>>;
}

export interface Records {
  get(reference: string): Promise<ModelRecord | undefined>;
  all(): Promise<readonly ModelRecord[]>;
  /** Reads, changes and writes in one piece, also over tabs. @returns what was there before */
  change(
    reference: string,
    change: (before: ModelRecord | undefined) => ModelRecord | undefined,
  ): Promise<ModelRecord | undefined>;
}

interface Schema extends DBSchema {
  models: { key: string; value: ModelRecord };
}

let opening: Promise<Records> | undefined;

/** The ones of this browser; kept for this visit only where it has no IndexedDB. */
export function openRecords(): Promise<Records> {
  opening ??= openDatabase().catch(() => createMemoryRecords());
  return opening;
}

async function openDatabase(): Promise<Records> {
  const database = await openDB<Schema>('ergo-models', 1, {
    upgrade: (fresh) => void fresh.createObjectStore('models', { keyPath: 'reference' }),
  });
  return {
    get: (reference) => database.get('models', reference),
    all: () => database.getAll('models'),
    async change(reference, change) {
      const transaction = database.transaction('models', 'readwrite');
      const before = await transaction.store.get(reference);
      const after = change(before);
      if (after) await transaction.store.put(after);
      else await transaction.store.delete(reference);
      await transaction.done;
      return before;
    },
  };
}

export function createMemoryRecords(): Records {
  const kept = new Map<string, ModelRecord>();
  return {
    get: async (reference) => kept.get(reference),
    all: async () => [...kept.values()],
    async change(reference, change) {
      const before = kept.get(reference);
      const after = change(before);
      if (after) kept.set(reference, after);
      else kept.delete(reference);
      return before;
    },
  };
}
