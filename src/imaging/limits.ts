/** How large a picture may be, and how much of it stays decoded. */
import { ErgoError } from '../core/errors.ts';
import { area, type Size } from '../core/geometry/size.ts';

export const MAX_PIXELS = 200e6;
/** Canvases cannot be longer; larger ones fail silently. */
const MAX_SIDE = 65_535;

/** When which form of a picture is decoded and kept. */
export interface Limits {
  /**
   * JPEGs are opened by a decode reduced to this size, about; the whole comes when a crop needs it.
   * A coarse view of 140 tokens needs as much.
   */
  readonly reducedPixels: number;
  /** Pictures above are not drawn by the page from their file. */
  readonly drawnPixels: number;
  /** Longest side of what the page draws instead; so much of them is decoded at once. */
  readonly glanceSide: number;
  /** Decoded pixels that may be kept per picture. */
  readonly heldBytes: number;
}

/** Pixels of one strip, that is 4 MB of RGBA: much larger ones leave the processor's cache. */
export const STRIP_PIXELS = 1e6;

/**
 * 100 megapixels may be held on a device with 8 GB: a whole decode takes no more than its bitmap
 * (`scripts/measure/large-picture.mjs`). Of larger pictures a reduced form is kept, and each crop
 * decodes anew.
 * @param deviceMemory GB, as `navigator.deviceMemory` tells (8 at most)
 */
export function limitsOf(deviceMemory = 4): Limits {
  return {
    reducedPixels: 1e6,
    drawnPixels: 24e6,
    glanceSide: 3000,
    heldBytes: Math.min(Math.max(deviceMemory, 1), 8) * 48 * 2 ** 20,
  };
}

/** @throws ErgoError `image-too-large` */
export function checkSize({ width, height }: Size): void {
  if (area({ width, height }) > MAX_PIXELS || Math.max(width, height) > MAX_SIDE) {
    const megapixels = Math.round((width * height) / 1e6);
    throw new ErgoError(
      'image-too-large',
      `The picture has ${width} × ${height} = ${megapixels} megapixels; ${MAX_PIXELS / 1e6} is the limit.`,
      { detail: { width, height } },
    );
  }
}
