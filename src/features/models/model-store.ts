/** Life of the model: found, offered, loading, ready, failed. */
import { create } from 'zustand';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import type { DeviceKind } from '../../core/contracts/model.ts';
import { hasCode, throwIfCancelled, toErgoError, type ErgoError } from '../../core/errors.ts';
import { foldLoad, NO_PROGRESS, type LoadState } from './load-progress.ts';
import { useBusy } from '../backend/busy.ts';
import { loadBackend, type Backend } from '../backend/load-backend.ts';
import { keepPrompts, keptPrompts } from '../prompts/kept-prompts.ts';
import type { PromptChanges } from '../../core/protocol/prompts.ts';
import { keepForLater } from '../../workers/clients/offline.ts';
import { readLastModel, writeLastModel } from './last-model.ts';
import type { ModelOffer } from '../backend/offer.ts';

export type DeviceChoice = DeviceKind | 'auto';

/** What `openModel` takes, or the files of a folder of this computer; null: the embedded model. */
export type ModelWish = string | readonly File[] | null;

export interface Refusal {
  /** Of the model that was chosen. */
  readonly name: string;
  readonly error: ErgoError;
}

export interface ModelStore {
  readonly status: 'searching' | 'offered' | 'loading' | 'ready' | 'failed';
  readonly offer: ModelOffer | null;
  readonly model: RemoteModel | null;
  readonly device: DeviceChoice;
  readonly progress: LoadState;
  readonly error: ErgoError | null;
  /** Of a choice that came to nothing; the model before it stays, or is offered again. */
  readonly refused: Refusal | null;
  /** Finds the model of the last visit; loads at once what is stored already. */
  readonly discover: () => Promise<ModelOffer | null>;
  /** @returns null if it failed; `error` says why */
  readonly load: () => Promise<RemoteModel | null>;
  readonly cancel: () => void;
  /** The next load takes this device; a loaded model is let go. */
  readonly chooseDevice: (device: DeviceChoice) => void;
  /**
   * Loads another model in place of the one in use, and remembers it for the next visit.
   * @returns whether it is ready: it could be loaded, and nothing was chosen after it
   */
  readonly choose: (wish: ModelWish) => Promise<boolean>;
  /** A person's own prompts for this model, kept for the next visit; null: the model's own again. */
  readonly setPrompts: (changes: PromptChanges | null) => Promise<void>;
}

/** The loaded one under its own prompts. */
let plain: RemoteModel | null = null;
let discovering: Promise<ModelOffer | null> | undefined;
let loading: Promise<RemoteModel | null> | undefined;
let controller = new AbortController();
/** What was asked for when the offer was made. */
let wished: ModelWish = null;
/** The precision for a device that was just chosen. */
let fitting: Promise<void> = Promise.resolve();
/** How many choices of a model there were: one that takes longer to read loses to a later one. */
let choices = 0;
/** The last one that was ready: what a choice that fails goes back to. */
let proven: { readonly wish: ModelWish; readonly offer: ModelOffer } | null = null;

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
      const offer = await lastOffer();
      set({ offer, status: 'offered' });
      if (offer.isCached) void get().load();
      return offer;
    } catch (thrown) {
      discovering = undefined;
      set({ status: 'failed', error: toErgoError(thrown) });
      return null;
    }
  }

  /** The model of the last visit; the embedded one if that cannot be found. */
  async function lastOffer(): Promise<ModelOffer> {
    const last = readLastModel();
    try {
      const offer = await offerOf(last);
      wished = last;
      return offer;
    } catch (thrown) {
      if (last === null) throw thrown;
      const offer = await offerOf(null);
      set({ refused: { name: last, error: toErgoError(thrown) } });
      return offer;
    }
  }

  async function load(): Promise<RemoteModel | null> {
    await fitting;
    const offer = get().offer ?? (await get().discover());
    if (offer === null) return null;
    const ready = get().model;
    if (ready) return ready;
    const { signal } = (controller = new AbortController());
    set({ status: 'loading', progress: NO_PROGRESS, error: null });
    try {
      const backend = await loadBackend();
      const loaded = await backend.loadModel(offer, {
        device: get().device,
        signal,
        onProgress(step) {
          if (!signal.aborted) set({ progress: foldLoad(get().progress, step) });
        },
        onGone(reason) {
          if (plain === loaded && get().model) lost(reason);
        },
      });
      throwIfCancelled(signal);
      plain = loaded;
      const model = withKeptPrompts(loaded, backend);
      proven = { wish: wished, offer };
      writeLastModel(nameOf(offer));
      set({ status: 'ready', model });
      void keepForLater(model.info.device.used);
      return model;
    } catch (thrown) {
      // A newer choice has the word.
      if (controller.signal !== signal) return null;
      const error = toErgoError(thrown);
      if (hasCode(error, 'cancelled')) set({ status: 'offered' });
      else if (!proven || proven.offer.source === offer.source) set({ status: 'failed', error });
      else {
        wished = proven.wish;
        offerInstead(proven.offer);
        set({ refused: { name: offer.profile.name, error } });
      }
      return null;
    }
  }

  /** The next question loads it anew. */
  function lost(reason: ErgoError): void {
    // One failure is told once: what is asked just now ends with it.
    const isTold = useBusy.getState().runs > 0 || hasCode(reason, 'model-not-loaded');
    set({ model: null, ...(isTold ? { status: 'offered' } : { status: 'failed', error: reason }) });
  }

  /** Another device may want another precision. */
  async function refit(before: ModelOffer): Promise<void> {
    const offer = await offerOf(wished);
    if (get().offer === before && offer.dtype !== before.dtype) set({ offer });
  }

  function offerInstead(offer: ModelOffer): void {
    abandon();
    discovering = Promise.resolve(offer);
    set({ offer, status: 'offered', model: null, error: null, refused: null });
  }

  return {
    status: 'searching',
    offer: null,
    model: null,
    device: chosenByAddress(),
    progress: NO_PROGRESS,
    error: null,
    refused: null,
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
      const { offer } = get();
      if (!offer) return void get().discover();
      set({ status: 'offered' });
      fitting = refit(offer).catch(() => undefined);
    },
    async choose(wish) {
      const choice = ++choices;
      set({ refused: null });
      try {
        const offer = await offerOf(wish);
        if (choice !== choices) return false;
        wished = wish;
        offerInstead(offer);
      } catch (thrown) {
        const name = typeof wish === 'string' ? wish : wish ? folderOf(wish) : 'The embedded model';
        if (choice === choices) set({ refused: { name, error: toErgoError(thrown) } });
        return false;
      }
      const model = await get().load();
      return model !== null && choice === choices;
    },
    async setPrompts(changes) {
      const { model, offer } = get();
      if (offer) keepPrompts(offer.profile.id, changes);
      if (!model || !plain) return;
      const backend = await loadBackend();
      // Another one may have taken its place meanwhile.
      if (get().model === model) set({ model: changes ? backend.prompted(plain, changes) : plain });
    },
  };
});

/** One failure is told once: what the model's own line tells is told nowhere else. */
export function isTold({ status, error: told }: ModelStore, error: ErgoError | null): boolean {
  return status === 'failed' && told === error;
}

/** What cannot be read any more is no reason to do without the model. */
function withKeptPrompts(model: RemoteModel, { prompted, parsePrompts }: Backend): RemoteModel {
  const { id } = model.info.profile;
  const kept = keptPrompts(id);
  if (kept === null) return model;
  try {
    return prompted(model, parsePrompts(kept));
  } catch {
    keepPrompts(id, null);
    return model;
  }
}

async function offerOf(wish: ModelWish): Promise<ModelOffer> {
  const backend = await loadBackend();
  const { device } = useModel.getState();
  return wish === null || typeof wish === 'string'
    ? backend.offerModel(wish ?? undefined, { device })
    : backend.offerFolder(wish, { device });
}

/** A folder has to be picked again: the next visit begins with the embedded model. */
function nameOf({ source }: ModelOffer): string | null {
  return source.reference ?? null;
}

function folderOf(files: readonly File[]): string {
  return files[0]?.webkitRelativePath.split('/')[0] || 'The folder';
}

/** `?device=wasm` for tests and for people whose graphics driver misbehaves. */
function chosenByAddress(): DeviceChoice {
  const asked = new URLSearchParams(globalThis.location?.search).get('device');
  return asked === 'wasm' || asked === 'webgpu' ? asked : 'auto';
}
