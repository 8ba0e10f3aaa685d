/** Runs in the page: models by name and their store, as the app uses them. */
import { openModel } from '../../src/models/open.ts';
import { openPageStore } from '../../src/workers/clients/store-client.ts';

const page = { openModel, openPageStore, downloads: new Map<string, AbortController>() };

/** Begins a download; its end is told by `settled`. */
async function begin(model: string, hub: string): Promise<void> {
  const source = await openModel(model, { hub });
  const store = await openPageStore();
  const pause = new AbortController();
  page.downloads.set(model, pause);
  const [dtype = ''] = Object.keys(source.dtypes);
  const state = { loaded: 0, total: 0, waiting: '', end: '' };
  states.set(model, state);
  store
    .download(source, dtype, {
      signal: pause.signal,
      progress(step) {
        if (step.phase === 'download') {
          state.loaded = step.loadedOfAll;
          state.total = step.totalOfAll;
        }
        if (step.phase === 'waiting') state.waiting = step.reason;
      },
    })
    .then(
      () => (state.end = 'done'),
      (error: { code?: string }) => (state.end = error.code ?? 'unknown'),
    );
}

const states = new Map<string, { loaded: number; total: number; waiting: string; end: string }>();

const harness = {
  begin,
  pause: (model: string) => page.downloads.get(model)?.abort(),
  state: (model: string) => states.get(model),
  async list() {
    return await (await openPageStore()).list();
  },
  async remove(reference: string) {
    try {
      await (await openPageStore()).remove(reference);
      return 'done';
    } catch (error) {
      return (error as { code: string }).code;
    }
  },
  /** Names in the file system, seals included. */
  async files() {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('models', { create: true });
    const names: string[] = [];
    for await (const name of folder.keys()) names.push(name);
    return names.sort((a, b) => (a < b ? -1 : 1));
  },
  /** As versions of the page before the file system kept weights: chunks of 4 MiB by SHA-256. */
  async keepAsBefore(url: string, sha256: string) {
    const bytes = await (await fetch(url)).arrayBuffer();
    const cache = await caches.open('ergo-weights-1');
    for (let index = 0; index * 4_194_304 < bytes.byteLength; index++) {
      const chunk = bytes.slice(index * 4_194_304, (index + 1) * 4_194_304);
      await cache.put(`https://weights.invalid/${sha256}/${index}`, new Response(chunk));
    }
  },
};

export type StoreHarness = typeof harness;

Object.assign(globalThis, { store: harness });
