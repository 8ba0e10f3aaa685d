/**
 * Pictures as a policy sees them: handles, sizes and previews. The patches themselves go from the
 * imaging worker to the engine worker over a MessagePort and never pass the page.
 */
import type { ResizedSize } from '../geometry/resize.ts';
import type { Box, Size } from '../geometry/size.ts';
import type { ImageRules } from './profile.ts';

declare const brand: unique symbol;

/** Names an open file in the imaging worker. */
export type PictureId = string & { readonly [brand]: 'PictureId' };
/** Names patches that were sent to the engine worker; unique over both workers' lives. */
export type PatchesId = string & { readonly [brand]: 'PatchesId' };

/** What is known of a file once it has been opened. */
export interface PictureInfo extends Size {
  /** Upright, of what was decoded; a header may claim something else. */
  readonly width: number;
  readonly height: number;
  /** Tokens at its own resolution, without any cap. */
  readonly nativeTokens: number;
  /** MIME type by content, not by name; empty if only the browser's decoder knows it. */
  readonly type: string;
  readonly bytes: number;
  /** Set if there are more frames than the first, which is the one that is shown. */
  readonly animated?: boolean;
}

/** What a view's pixels tell without a model. */
export interface PictureStatistics {
  /** Share of the pixels that are saturated and lie on an edge, 0..1. */
  readonly vividEdges: number;
  /** Entropy of their hues over twelve bins, nats: 0 (one hue, or too few pixels) to 2.48. */
  readonly edgeHues: number;
}

export type ViewKind = 'coarse' | 'crop' | 'full';

/** Patches on their way to the engine. */
export interface PatchesRef {
  readonly id: PatchesId;
  readonly kind: ViewKind;
  /** Size that the model sees. */
  readonly size: ResizedSize;
}

/** A part of the original at the resolution that the model sees. */
export interface PictureView {
  readonly patches: PatchesRef;
  /** What of the original it shows, whole pixels. */
  readonly source: Box<'original'>;
  /**
   * The same pixels for the eye; owned by whoever gets it (`close()` it). Null if it was not asked
   * for or where there are no bitmaps.
   */
  readonly preview: ImageBitmap | null;
  /** Null where they were not asked for, of crops, and by the peer. */
  readonly statistics: PictureStatistics | null;
  /** Milliseconds. `decode` is 0 when a held bitmap was used; its first view carries its decode. */
  readonly timings: { readonly decode: number; readonly resize: number; readonly patchify: number };
}

export interface ViewOptions {
  /** Vision tokens at most. */
  readonly budget: number;
  readonly preview?: boolean;
  /** Count `statistics` of a whole view; a model that knows the world needs none. */
  readonly statistics?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface PictureSource {
  /**
   * Reads the header, decodes what a first look needs, and keeps the file for later views.
   * @throws ErgoError `image-undecodable`, `image-too-large`, `image-aspect`, `file-unreadable`,
   *   `out-of-memory`, `cancelled`
   */
  open(file: Blob, rules: ImageRules, signal?: AbortSignal): Promise<OpenPicture>;
}

export interface OpenPicture {
  readonly id: PictureId;
  readonly info: PictureInfo;
  /**
   * The whole picture through `smartResize` (reduced only, but for tiny ones).
   * @throws ErgoError `image-undecodable`, `file-unreadable`, `out-of-memory`, `too-many-tokens`,
   *   `cancelled`
   */
  view(kind: 'coarse' | 'full', options: ViewOptions): Promise<PictureView>;
  /**
   * A region of the original through `fillBudget` (reduced or enlarged).
   * @param region whole pixels inside the picture
   */
  crop(region: Box<'original'>, options: ViewOptions): Promise<PictureView>;
  /** Patches of a view that will not be encoded are freed in the engine; encoded ones are ignored. */
  discard(patches: PatchesRef): Promise<void>;
  /** Frees the file, every held bitmap and what `discard` frees. Safe to call twice. */
  close(): Promise<void>;
}

/** A picture that a page shows, too. */
export interface DrawablePicture extends OpenPicture {
  /**
   * The whole picture for the eye where the file is too large to be drawn: a page that draws a
   * picture decodes all of it.
   * @returns owned by whoever gets it; null if the file may be drawn as it is
   * @throws ErgoError `image-undecodable`, `out-of-memory`, `cancelled`
   */
  glance(signal?: AbortSignal): Promise<ImageBitmap | null>;
}

export interface DrawablePictureSource extends PictureSource {
  open(file: Blob, rules: ImageRules, signal?: AbortSignal): Promise<DrawablePicture>;
}

/**
 * What travels on the port between the two workers.
 * `patches`: normalised float32, row-major [patches, 3 x temporal x patch x patch], patches in
 * merge-block order (see Qwen2VLImageProcessor); the buffer is transferred.
 */
export type PatchMessage =
  | {
      readonly kind: 'patches';
      readonly id: PatchesId;
      readonly data: Float32Array<ArrayBuffer>;
      /** [patches, values per patch] */
      readonly dims: readonly [number, number];
      /** Frames, rows and columns of patches (not of tokens). */
      readonly grid: readonly [1, number, number];
    }
  /** Will not be encoded; the engine frees it, or ignores it when it comes. */
  | { readonly kind: 'discard'; readonly id: PatchesId };
