/**
 * The two workers and the policies, behind what the stores need. Loaded after the first paint;
 * the page and `window.ergo` use the same one.
 */
import { createEngineClient, type LoadOptions } from '../../workers/clients/engine-client.ts';
import { createImagingClient } from '../../workers/clients/imaging-client.ts';
import type { RemoteModel } from '../../workers/clients/remote-model.ts';
import type { DeviceKind } from '../../core/contracts/model.ts';
import type { DrawablePicture } from '../../core/contracts/pictures.ts';
import type { ImageRules, ModelProfile } from '../../core/contracts/profile.ts';
import { ErgoError } from '../../core/errors.ts';
import { createSession, type Session, type SessionParts } from '../../core/session/session.ts';
import { CATALOGUE, openModelFolder, openModelUrl } from '../../models/catalogue.ts';
import { filesOf, type ModelSource } from '../../models/source.ts';
import { openWeights } from '../../models/weights.ts';

/** One step of a load, as the engine's client reports it. */
export type LoadProgress = Parameters<NonNullable<LoadOptions['onProgress']>>[0];

/** A model that could be loaded. */
export interface ModelOffer {
  readonly source: ModelSource;
  readonly profile: ModelProfile;
  readonly dtype: string;
  /** Of all files that this dtype needs. */
  readonly bytes: number;
  /** Nothing would have to be downloaded. */
  readonly isCached: boolean;
}

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

/**
 * @param model id in the catalogue or URL of a model folder; default: the embedded model
 * @throws ErgoError `weights-missing`, `manifest-invalid`, `model-unsupported`, ...
 */
export async function offerModel(model?: string, wanted?: string): Promise<ModelOffer> {
  const listed = model === undefined ? CATALOGUE[0] : CATALOGUE.find(({ id }) => id === model);
  const url = new URL(listed?.manifestUrl ?? model ?? '', document.baseURI).href;
  return describe(await openModelUrl(url), wanted);
}

/**
 * @param files all of a folder that a person picked
 * @throws ErgoError `manifest-invalid`, `model-unsupported`
 */
export async function offerFolder(files: readonly File[]): Promise<ModelOffer> {
  const named = files.map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }));
  return describe(await openModelFolder(named));
}

async function describe(source: ModelSource, wanted?: string): Promise<ModelOffer> {
  const names = Object.keys(source.dtypes);
  const dtype = wanted ?? names.find((name) => name === 'q8') ?? names[0] ?? '';
  const bytes = filesOf(source, dtype).reduce((sum, file) => sum + file.bytes, 0);
  const weights = await openWeights();
  const isCached = source.local !== undefined || (await weights.isCached(source, dtype));
  return { source, profile: source.profile, dtype, bytes, isCached };
}

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
  return createSession({ ...parts, now: () => performance.now() });
}
