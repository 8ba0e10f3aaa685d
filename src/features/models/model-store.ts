/** Life of the model: found, offered, loading, ready, failed. */
import { create } from 'zustand';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import type { DeviceKind } from '../../core/contracts/model.ts';
import { hasCode, throwIfCancelled, toErgoError, type ErgoError } from '../../core/errors.ts';
import { foldLoad, NO_PROGRESS, type LoadState } from './load-progress.ts';
import { loadBackend } from '../backend/load-backend.ts';
import type { ModelOffer } from '../backend/offer.ts';

export type DeviceChoice = DeviceKind | 'auto';

export interface ModelStore {
  readonly status: 'searching' | 'offered' | 'loading' | 'ready' | 'failed';
  readonly offer: ModelOffer | null;
  readonly model: RemoteModel | null;
  readonly device: DeviceChoice;
  readonly progress: LoadState;
  readonly error: ErgoError | null;
  /** Of a folder that is no model; the model in use stays. */
  readonly folderError: ErgoError | null;
  /** Reads the manifest; loads at once what is stored already. */
  readonly discover: () => Promise<ModelOffer | null>;
  /** @returns null if it failed; `error` says why */
  readonly load: () => Promise<RemoteModel | null>;
  readonly cancel: () => void;
  /** The next load takes this device; a loaded model is let go. */
  readonly chooseDevice: (device: DeviceChoice) => void;
  /**
   * Offers another model in place of the one in use.
   * @param files of a model folder; null: the embedded model again
   * @returns whether it is offered now: there is one, and nothing was chosen after it
   */
  readonly choose: (files: readonly File[] | null) => Promise<boolean>;
  /** After an error that ended the worker. */
  readonly lost: (error: ErgoError) => void;
}

let discovering: Promise<ModelOffer | null> | undefined;
let loading: Promise<RemoteModel | null> | undefined;
let controller = new AbortController();
/** How many choices of a model there were: a folder that takes longer to read loses to a later choice. */
let choices = 0;

/** What is being loaded is not wanted any more; the next load begins anew. */
function abandon(): void {
  controller.abort();
  controller = new AbortController();
  loading = undefined;
}

export const useModel = create<ModelStore>()((set, get) => {
  async function discover(): Promise<ModelOffer | null> {
    set({ status: 'searching', error: null });
    try {
      const backend = await loadBackend();
      const offer = await backend.offerModel(undefined, { device: get().device });
      set({ offer, status: 'offered' });
      if (offer.isCached) void get().load();
      return offer;
    } catch (thrown) {
      discovering = undefined;
      set({ status: 'failed', error: toErgoError(thrown) });
      return null;
    }
  }

  async function load(): Promise<RemoteModel | null> {
    const offer = get().offer ?? (await get().discover());
    if (offer === null) return null;
    const ready = get().model;
    if (ready) return ready;
    const { signal } = (controller = new AbortController());
    set({ status: 'loading', progress: NO_PROGRESS, error: null });
    try {
      const backend = await loadBackend();
      const model = await backend.loadModel(offer, {
        device: get().device,
        signal,
        onProgress(step) {
          if (!signal.aborted) set({ progress: foldLoad(get().progress, step) });
        },
      });
      throwIfCancelled(signal);
      set({ status: 'ready', model, offer: { ...offer, isCached: true } });
      return model;
    } catch (thrown) {
      // A newer choice has the word.
      if (controller.signal !== signal) return null;
      const error = toErgoError(thrown);
      set(hasCode(error, 'cancelled') ? { status: 'offered' } : { status: 'failed', error });
      return null;
    }
  }

  return {
    status: 'searching',
    offer: null,
    model: null,
    device: chosenByAddress(),
    progress: NO_PROGRESS,
    error: null,
    folderError: null,
    discover: () => (discovering ??= discover()),
    load() {
      if (loading) return loading;
      const mine = load().finally(() => {
        if (loading === mine) loading = undefined;
      });
      return (loading = mine);
    },
    cancel: () => controller.abort(),
    chooseDevice(device) {
      abandon();
      set({ device, model: null, error: null });
      if (get().offer) set({ status: 'offered' });
      else void get().discover();
    },
    async choose(files) {
      const choice = ++choices;
      try {
        const backend = await loadBackend();
        const offer = await (files
          ? backend.offerFolder(files, { device: get().device })
          : backend.offerModel(undefined, { device: get().device }));
        if (choice !== choices) return false;
        abandon();
        discovering = Promise.resolve(offer);
        set({ offer, status: 'offered', model: null, error: null, folderError: null });
        return true;
      } catch (thrown) {
        if (choice === choices) set({ folderError: toErgoError(thrown) });
        return false;
      }
    },
    lost: (error) => set({ model: null, status: 'failed', error }),
  };
});

/** `?device=wasm` for tests and for people whose graphics driver misbehaves. */
function chosenByAddress(): DeviceChoice {
  const asked = new URLSearchParams(globalThis.location?.search).get('device');
  return asked === 'wasm' || asked === 'webgpu' ? asked : 'auto';
}
