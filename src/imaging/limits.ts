/** How large a picture may be, and how much of it stays decoded. */
import { ErgoError } from '../core/errors.ts';
import { area, type Size } from '../core/geometry/size.ts';

export const MAX_PIXELS = 200e6;
/** Canvases cannot be longer; larger ones fail silently. */
const MAX_SIDE = 65_535;

/** Up to here a JPEG is decoded once, at full size; beyond, its coarse view is decoded reduced. */
export const EAGER_PIXELS = 24e6;

/** Longest side of what the page draws instead of a larger original. */
export const GLANCE_SIDE = 3000;

/** Pixels of one strip, that is 16 MB of RGBA. */
export const STRIP_PIXELS = 4e6;

/**
 * Bytes of decoded pixels that may be held per picture: 50 megapixels on a device with 8 GB.
 * Chromium needs twice that while it decodes (colours as stored cost a second copy), but not for
 * a region: so the crops of larger pictures are decoded one by one, at the cost of the whole each
 * time and with nothing left in between (`scripts/measure/large-picture.mjs`).
 * @param deviceMemory GB, as `navigator.deviceMemory` tells (8 at most)
 */
export function heldBytes(deviceMemory = 4): number {
  return Math.min(Math.max(deviceMemory, 1), 8) * 24 * 2 ** 20;
}

/** @throws ErgoError `image-too-large`, `image-undecodable` */
export function checkSize({ width, height }: Size): void {
  if (width < 1 || height < 1) {
    throw new ErgoError('image-undecodable', 'The file says that it has no pixels.');
  }
  if (area({ width, height }) > MAX_PIXELS || Math.max(width, height) > MAX_SIDE) {
    const megapixels = Math.round((width * height) / 1e6);
    throw new ErgoError(
      'image-too-large',
      `The picture has ${width} × ${height} = ${megapixels} megapixels; ${MAX_PIXELS / 1e6} is the limit.`,
      { detail: { width, height } },
    );
  }
}
