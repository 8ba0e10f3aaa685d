/**
 * The two workers and the policies, behind what the stores need. Loaded after the first paint;
 * the page and `window.ergo` use the same one.
 */
import { createEngineClient, type LoadOptions } from '../../workers/clients/engine-client.ts';
import { createImagingClient, type ImagingClient } from '../../workers/clients/imaging-client.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import type { DeviceKind } from '../../core/contracts/model.ts';
import type { DrawablePicture } from '../../core/contracts/pictures.ts';
import type { ImageRules } from '../../core/contracts/profile.ts';
import { ErgoError } from '../../core/errors.ts';
import { createSession, type Session, type SessionParts } from '../../core/session/session.ts';
import { openPageStore } from '../../workers/clients/store-client.ts';
import { beginRun } from './busy.ts';
import { offerFolder, offerModel, type ModelOffer } from './offer.ts';

export { checkModel } from '../../core/check/check.ts';
export { parsePrompts, prompted } from '../../core/protocol/prompts.ts';

/** One step of a load, as the engine's client reports it. */
export type LoadProgress = Parameters<NonNullable<LoadOptions['onProgress']>>[0];

export interface LoadChoice {
  readonly device: DeviceKind | 'auto';
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (step: LoadProgress) => void;
  /** The loaded model is gone; another load makes a new one. */
  readonly onGone?: (reason: ErgoError) => void;
}

/** A worker that somebody waits for and that says nothing. */
export interface Stalled {
  readonly worker: 'engine' | 'imaging';
  readonly milliseconds: number;
}

const imaging: ImagingClient = createImagingClient({ onReplaced: () => engine.reconnect() });
const engine = createEngineClient({ onPatchPort: (port) => imaging.connect(port) });

export { offerFolder, offerModel, openPageStore };

/** @throws ErgoError of EngineClient.load */
export function loadModel(
  { source, dtype }: ModelOffer,
  { device, threads, signal, onProgress, onGone }: LoadChoice,
): Promise<RemoteModel> {
  const runtimeUrl = new URL('ort/', document.baseURI).href;
  const request = { source, dtype, device, runtimeUrl, ...(threads && { threads }) };
  return engine.load(request, { signal, onGone, ...(onProgress && { onProgress }) });
}

/**
 * It outlives its worker.
 * @throws ErgoError `image-undecodable`, `image-too-large`, `image-aspect`, `file-unreadable`,
 *   `worker-died`, `cancelled`
 */
export function openPicture(
  file: Blob,
  rules: ImageRules,
  signal?: AbortSignal,
): Promise<DrawablePicture> {
  return imaging.open(file, rules, signal);
}

/** The one that is silent longer; null if nobody waits. */
export function stalled(): Stalled | null {
  const [pictures, model] = [imaging.silence() ?? -1, engine.silence() ?? -1];
  if (Math.max(pictures, model) < 0) return null;
  return pictures > model
    ? { worker: 'imaging', milliseconds: pictures }
    : { worker: 'engine', milliseconds: model };
}

/** Ends a worker that hangs, for whoever will not wait any longer. What needs it starts it anew. */
export function giveUp(worker: Stalled['worker']): void {
  const reason = new ErgoError('worker-died', `The ${worker} worker hung and was ended.`);
  if (worker === 'engine') engine.end(reason);
  else imaging.end(reason);
}

export function openSession(parts: Omit<SessionParts, 'now'>): Session {
  const session = createSession({
    ...parts,
    now: () => performance.now(),
    async model() {
      // What was stopped and hangs ends its worker; the question goes to the one after it.
      await engine.settled();
      return parts.model();
    },
  });
  let end: (() => void) | null = null;
  session.subscribe(() => {
    if (session.state.running !== null) {
      end ??= beginRun();
    } else {
      end?.();
      end = null;
    }
  });
  return session;
}
