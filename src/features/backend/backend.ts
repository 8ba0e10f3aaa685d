/**
 * The two workers and the policies, behind what the stores need. Loaded after the first paint;
 * the page and `window.ergo` use the same one.
 */
import { createEngineClient, type LoadOptions } from '../../workers/clients/engine-client.ts';
import { createImagingClient } from '../../workers/clients/imaging-client.ts';
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
}

let imaging = createImagingClient();

const engine = createEngineClient({
  onPatchPort(port) {
    if (imaging.failed.aborted) imaging = createImagingClient();
    // A worker that dies before this rejects every later call as well.
    imaging.connect(port).catch(() => undefined);
  },
});

export { offerFolder, offerModel, openPageStore };

/** @throws ErgoError of EngineClient.load */
export function loadModel(
  { source, dtype }: ModelOffer,
  { device, threads, signal, onProgress }: LoadChoice,
): Promise<RemoteModel> {
  const runtimeUrl = new URL('ort/', document.baseURI).href;
  const request = { source, dtype, device, runtimeUrl, ...(threads && { threads }) };
  return engine.load(request, { signal, ...(onProgress && { onProgress }) });
}

/** @throws ErgoError `image-undecodable`, `image-too-large`, `image-aspect`, `worker-died` */
export async function openPicture(file: Blob, rules: ImageRules): Promise<DrawablePicture> {
  if (imaging.failed.aborted) {
    throw new ErgoError('worker-died', 'The imaging worker stopped.');
  }
  return imaging.open(file, rules);
}

export function openSession(parts: Omit<SessionParts, 'now'>): Session {
  const session = createSession({ ...parts, now: () => performance.now() });
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
