/** The store from the page: reading and deleting here, downloads in a worker, which alone can write. */
import { openStore, type ModelStore } from '../../models/store/store.ts';
import type { ReadOptions } from '../../models/weights.ts';
import type { StoreProtocol } from '../protocol.ts';
import storeScript from '../store.worker.ts?worker&url';
import { createWorkerClient, type WorkerLike } from '../rpc/worker-client.ts';
import { startWorker } from './start-worker.ts';

export interface PageStore extends Omit<ModelStore, 'read'> {
  /**
   * Asks the browser not to clear what is stored when space runs low; at most once ever, because
   * some show a question. @returns is it kept?
   */
  persist(): Promise<boolean>;
}

const ASKED = 'ergo-asked-to-persist';

let opening: Promise<PageStore> | undefined;

export function openPageStore(): Promise<PageStore> {
  opening ??= openStore().then((store) => createPageStore(store));
  return opening;
}

/** @param createWorker for tests */
export function createPageStore(
  store: ModelStore,
  createWorker: () => WorkerLike = () => startWorker(storeScript, 'store'),
): PageStore {
  return {
    status: (source, dtype) => store.status(source, dtype),
    list: () => store.list(),
    remove: (reference) => store.remove(reference),
    annotate: (reference, name, value) => store.annotate(reference, name, value),
    estimate: () => store.estimate(),
    persist,
    async download(source, dtype, { signal, progress }: ReadOptions = {}) {
      // One worker per download: pausing one cannot disturb another.
      const client = createWorkerClient<StoreProtocol>(createWorker(), 'store');
      try {
        await client.call(
          'download',
          { source, dtype },
          { signal, ...(progress && { onProgress: progress }) },
        );
      } finally {
        client.terminate();
      }
    },
  };
}

async function persist(): Promise<boolean> {
  try {
    if (await navigator.storage.persisted()) return true;
    if (localStorage.getItem(ASKED) !== null) return false;
    localStorage.setItem(ASKED, '1');
    return await navigator.storage.persist();
  } catch {
    // Insecure contexts have no such promise to give.
    return false;
  }
}
