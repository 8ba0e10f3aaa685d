/** Life of the model: found, offered, loading, ready, failed. */
import { create } from 'zustand';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import type { DeviceKind } from '../../core/contracts/model.ts';
import { hasCode, toErgoError, type ErgoError } from '../../core/errors.ts';
import { foldLoad, NO_PROGRESS, type LoadState } from './load-progress.ts';
import { loadBackend } from './load-backend.ts';
import type { ModelOffer } from './backend.ts';

export type DeviceChoice = DeviceKind | 'auto';

export interface ModelStore {
  readonly status: 'searching' | 'offered' | 'loading' | 'ready' | 'failed';
  readonly offer: ModelOffer | null;
  readonly model: RemoteModel | null;
  readonly device: DeviceChoice;
  readonly progress: LoadState;
  readonly error: ErgoError | null;
  /** Reads the manifest; loads at once what is stored already. */
  readonly discover: () => Promise<ModelOffer | null>;
  /** @returns null if it failed; `error` says why */
  readonly load: () => Promise<RemoteModel | null>;
  readonly cancel: () => void;
  /** The next load takes this device; a loaded model is let go. */
  readonly chooseDevice: (device: DeviceChoice) => void;
  /** After an error that ended the worker. */
  readonly lost: (error: ErgoError) => void;
}

let discovering: Promise<ModelOffer | null> | undefined;
let loading: Promise<RemoteModel | null> | undefined;
let controller = new AbortController();

export const useModel = create<ModelStore>()((set, get) => {
  async function discover(): Promise<ModelOffer | null> {
    set({ status: 'searching', error: null });
    try {
      const backend = await loadBackend();
      const offer = await backend.offerModel();
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
        onProgress: (step) => set({ progress: foldLoad(get().progress, step) }),
      });
      set({ status: 'ready', model, offer: { ...offer, isCached: true } });
      return model;
    } catch (thrown) {
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
    discover: () => (discovering ??= discover()),
    load() {
      loading ??= load().finally(() => (loading = undefined));
      return loading;
    },
    cancel: () => controller.abort(),
    chooseDevice(device) {
      controller.abort();
      set({ device, model: null, error: null });
      if (get().offer) set({ status: 'offered' });
      else void get().discover();
    },
    lost: (error) => set({ model: null, status: 'failed', error }),
  };
});

/** `?device=wasm` for tests and for people whose graphics driver misbehaves. */
function chosenByAddress(): DeviceChoice {
  const asked = new URLSearchParams(globalThis.location?.search).get('device');
  return asked === 'wasm' || asked === 'webgpu' ? asked : 'auto';
}
