/**
 * "Check this model": does it see where things are? Runs by itself after the first load of a model
 * that nobody has verified, whenever nothing else is asked of the model.
 */
import { create } from 'zustand';
import type { CheckLook, CheckResult } from '../../core/check/check.ts';
import { hasCode, toErgoError, type ErgoError } from '../../core/errors.ts';
import { entryOf } from '../../models/catalogue.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import { loadBackend } from '../backend/load-backend.ts';
import type { ModelOffer } from '../backend/offer.ts';
import { readCheck } from './check-note.ts';
import { keepFolderCheck, readFolderCheck } from './folder-check.ts';
import { useBusy } from '../backend/busy.ts';
import { useModel } from './model-store.ts';
import { referenceOfRow } from './rows.ts';

export type CheckState =
  | { readonly status: 'running'; readonly looks: readonly CheckLook[] }
  | { readonly status: 'done'; readonly report: CheckResult }
  | { readonly status: 'failed'; readonly error: ErgoError };

export interface CheckStore {
  /** By `checkName` of the model; of this visit. */
  readonly checks: Readonly<Record<string, CheckState>>;
  /** The result of an earlier visit. */
  readonly recall: (offer: ModelOffer, report: CheckResult) => void;
  /** Checks the model that is loaded now. */
  readonly check: () => void;
  readonly stop: () => void;
  /** Begins what is due, if the model is free. */
  readonly resume: () => void;
}

let controller = new AbortController();
/** Has to be checked, as soon as nothing else is asked of it. */
let waiting: RemoteModel | null = null;

export const useChecks = create<CheckStore>()((set, get) => {
  function place(name: string, state: CheckState | null): void {
    const { [name]: _, ...others } = get().checks;
    set({ checks: state ? { ...others, [name]: state } : others });
  }

  async function run(offer: ModelOffer, model: RemoteModel, signal: AbortSignal): Promise<void> {
    const name = checkName(offer);
    place(name, { status: 'running', looks: [] });
    try {
      const backend = await loadBackend();
      const pictures = { open: backend.openPicture };
      const looks = backend.checkModel({ model, pictures, signal, now: () => performance.now() });
      const seen: CheckLook[] = [];
      for (;;) {
        const step = await looks.next();
        if (step.done) {
          waiting = null;
          place(name, { status: 'done', report: step.value });
          return await keep(offer, step.value);
        }
        seen.push(step.value);
        if (!signal.aborted) place(name, { status: 'running', looks: [...seen] });
      }
    } catch (thrown) {
      const error = toErgoError(thrown);
      if (hasCode(error, 'cancelled')) {
        if (controller.signal === signal) place(name, null);
        return;
      }
      waiting = null;
      place(name, { status: 'failed', error });
    }
  }

  function resume(): void {
    const { offer, model } = useModel.getState();
    if (!offer || waiting === null || waiting !== model || useBusy.getState().runs > 0) return;
    controller.abort();
    const { signal } = (controller = new AbortController());
    void run(offer, model, signal);
  }

  return {
    checks: {},
    resume,
    recall: (offer, report) => place(checkName(offer), { status: 'done', report }),
    check() {
      const { offer, model } = useModel.getState();
      if (!offer || !model) return;
      waiting = model;
      place(checkName(offer), { status: 'running', looks: [] });
      resume();
    },
    stop() {
      waiting = null;
      controller.abort();
    },
  };
});

/** Names a model's check in this visit. */
export function checkName({ source, profile }: ModelOffer): string {
  return source.reference ?? `folder ${profile.id}`;
}

async function keep(offer: ModelOffer, report: CheckResult): Promise<void> {
  const { source } = offer;
  if (source.reference === undefined) return keepFolderCheck(offer, report);
  const { openPageStore } = await loadBackend();
  const store = await openPageStore();
  // A model that is not stored has nothing to keep it beside.
  await store.annotate(source.reference, 'check', report).catch(() => undefined);
}

async function isDue(offer: ModelOffer): Promise<boolean> {
  if (checkName(offer) in useChecks.getState().checks) return false;
  const { reference } = offer.source;
  if (reference === undefined) {
    const report = readFolderCheck(offer);
    if (report) useChecks.getState().recall(offer, report);
    return report === null;
  }
  if (entryOf(referenceOfRow(reference, document.baseURI))?.isVerified) return false;
  const { openPageStore } = await loadBackend();
  const stored = await (await openPageStore()).list();
  return readCheck(stored.find((model) => model.reference === reference)) === null;
}

async function begin(offer: ModelOffer, model: RemoteModel): Promise<void> {
  // Without an answer the person can still ask for the check.
  if (!(await isDue(offer).catch(() => false)) || useModel.getState().model !== model) return;
  useChecks.getState().check();
}

useModel.subscribe(({ model, offer }, before) => {
  if (model === before.model) return;
  useChecks.getState().stop();
  if (model && offer) void begin(offer, model);
});

useBusy.subscribe(({ runs }) => {
  // What is asked now goes first; the check begins anew when that is answered.
  if (runs > 0) controller.abort();
  else useChecks.getState().resume();
});
