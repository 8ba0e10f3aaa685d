/** The downloads of this visit: they go on while the panel is closed. */
import { create } from 'zustand';
import { hasCode, throwIfCancelled, toErgoError } from '../../core/errors.ts';
import { loadBackend } from '../backend/load-backend.ts';
import { useModel } from './model-store.ts';
import { foldTransfer, openingTransfer, type Transfer } from './transfer.ts';

export interface TransferStore {
  /** By what `openModel` takes. A download that is over is gone from here. */
  readonly transfers: Readonly<Record<string, Transfer>>;
  /** Begins, or goes on from where it was. Resolves when it is over, however it ended. */
  readonly start: (reference: string, name: string) => Promise<void>;
  /** What came stays; `start` goes on. */
  readonly pause: (reference: string) => void;
  /** Pauses, and shows nothing of it any more. */
  readonly forget: (reference: string) => void;
}

const controllers = new Map<string, AbortController>();

export const useTransfers = create<TransferStore>()((set, get) => {
  function place(reference: string, transfer: Transfer | null): void {
    const { [reference]: _, ...others } = get().transfers;
    set({ transfers: transfer ? { ...others, [reference]: transfer } : others });
  }

  function change(reference: string, to: (before: Transfer) => Transfer): void {
    const before = get().transfers[reference];
    if (before) place(reference, to(before));
  }

  async function fetchAll(reference: string, signal: AbortSignal): Promise<void> {
    const backend = await loadBackend();
    const { device } = useModel.getState();
    const { source, dtype } = await backend.offerModel(reference, { device, signal });
    const store = await backend.openPageStore();
    // Firefox asks the person; the download does not wait for the answer.
    void store.persist();
    throwIfCancelled(signal);
    await store.download(source, dtype, {
      signal,
      progress(step) {
        if (signal.aborted) return;
        change(reference, (before) => foldTransfer(before, step, performance.now()));
      },
    });
  }

  return {
    transfers: {},
    async start(reference, name) {
      const running = controllers.get(reference);
      if (running && !running.signal.aborted) return;
      const mine = new AbortController();
      controllers.set(reference, mine);
      const before = get().transfers[reference] ?? openingTransfer(name);
      place(reference, { ...before, status: 'opening', wait: null, error: null, samples: [] });
      try {
        await fetchAll(reference, mine.signal);
        place(reference, null);
      } catch (thrown) {
        // A newer start has the word.
        if (controllers.get(reference) !== mine) return;
        const error = toErgoError(thrown);
        if (hasCode(error, 'cancelled')) return;
        change(reference, (transfer) => ({ ...transfer, status: 'failed', wait: null, error }));
      } finally {
        if (controllers.get(reference) === mine) controllers.delete(reference);
      }
    },
    pause(reference) {
      controllers.get(reference)?.abort();
      change(reference, (transfer) => ({ ...transfer, status: 'paused', wait: null, samples: [] }));
    },
    forget(reference) {
      controllers.get(reference)?.abort();
      place(reference, null);
    },
  };
});
