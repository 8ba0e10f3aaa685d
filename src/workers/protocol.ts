/** What the page may ask of the two workers. Types only. */
import type {
  Context,
  DeviceKind,
  EncodedPicture,
  Extended,
  Generated,
  GenerateOptions,
  MemoryReport,
  ModelInfo,
  Part,
  TokenStep,
} from '../core/contracts/model.ts';
import type {
  PatchesRef,
  PictureId,
  PictureInfo,
  PictureView,
  ViewOptions,
} from '../core/contracts/pictures.ts';
import type { ImageRules } from '../core/contracts/profile.ts';
import type { Box } from '../core/geometry/size.ts';
import type { ModelSource } from '../models/source.ts';
import type { WeightsProgress } from '../models/weights.ts';

export interface LoadRequest {
  readonly source: ModelSource;
  readonly dtype: string;
  readonly device: DeviceKind | 'auto';
  /** wasm threads; default: cores, at most 8, and 1 without cross-origin isolation. */
  readonly threads?: number;
  /** Absolute URL of the folder with onnxruntime's wasm files, with a slash at its end. */
  readonly runtimeUrl: string;
  /** How often a file of the runtime was lost before: then it is asked for at a fresh address. */
  readonly again?: number;
  /** Checks what is asked of the GPU, at the price of waiting for it; for tests. */
  readonly validate?: boolean;
}

/** Steps of a load, in this order; `fallback` comes where WebGPU is given up. */
export type LoadProgress =
  | WeightsProgress
  | { readonly phase: 'fallback'; readonly from: DeviceKind; readonly reason: string }
  | { readonly phase: 'sessions'; readonly session: string }
  /** Compiles GPU programs; shown as "preparing GPU". */
  | { readonly phase: 'warm-up' };

type None = undefined;

/**
 * Verbs of the engine worker. Cancelled calls reject at once at the caller, so a handler that
 * ends up with something to own (a context, features) after its signal fired frees it itself.
 */
export interface EngineProtocol {
  /** The port on which PatchMessages arrive. Once, before anything else; the port is moved. */
  connect: { in: { readonly patches: MessagePort }; progress: never; out: None };
  /** Replaces a loaded model. */
  load: { in: LoadRequest; progress: LoadProgress; out: ModelInfo };
  /** Waits for the patches if they are still on their way. */
  encode: { in: { readonly patches: PatchesRef }; progress: never; out: EncodedPicture };
  extend: {
    in: { readonly context: Context | null; readonly parts: readonly Part[] };
    progress: { readonly done: number; readonly total: number };
    out: Extended;
  };
  generate: {
    in: { readonly context: Context; readonly options: Omit<GenerateOptions, 'signal'> };
    progress: TokenStep;
    out: Generated;
  };
  fork: { in: { readonly context: Context }; progress: never; out: Context };
  release: { in: { readonly context: Context }; progress: never; out: None };
  releasePicture: { in: { readonly picture: EncodedPicture }; progress: never; out: None };
  count: { in: { readonly words: string }; progress: never; out: number };
  memory: { in: None; progress: never; out: MemoryReport };
}

export type ViewRequest = Omit<ViewOptions, 'signal'>;

/** Verbs of the imaging worker. */
export interface ImagingProtocol {
  /** The port on which PatchMessages leave; a new engine brings a new one. The port is moved. */
  connect: { in: { readonly patches: MessagePort }; progress: never; out: None };
  open: {
    in: { readonly file: Blob; readonly rules: ImageRules };
    progress: never;
    out: { readonly id: PictureId; readonly info: PictureInfo };
  };
  view: {
    in: {
      readonly picture: PictureId;
      readonly kind: 'coarse' | 'full';
      readonly request: ViewRequest;
    };
    progress: never;
    out: PictureView;
  };
  crop: {
    in: {
      readonly picture: PictureId;
      readonly region: Box<'original'>;
      readonly request: ViewRequest;
    };
    progress: never;
    out: PictureView;
  };
  /** The engine frees the patches, if they still wait there. */
  discard: {
    in: { readonly picture: PictureId; readonly patches: PatchesRef };
    progress: never;
    out: None;
  };
  close: { in: { readonly picture: PictureId }; progress: never; out: None };
}

/** The imaging worker of the page: its pictures can be drawn, too. */
export interface DrawingProtocol extends ImagingProtocol {
  glance: { in: { readonly picture: PictureId }; progress: never; out: ImageBitmap | null };
}

/** Verbs of the store worker: what only a worker may do, writing large files. */
export interface StoreProtocol {
  /** Cancelling pauses. */
  download: {
    in: { readonly source: ModelSource; readonly dtype: string };
    progress: WeightsProgress;
    out: None;
  };
}
