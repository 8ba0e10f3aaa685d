/** Every way in which the browser decodes for us. Boxes are in the oriented frame throughout. */
import { ErgoError, toErgoError } from '../core/errors.ts';
import type { Box, Size } from '../core/geometry/size.ts';

/** Pixels as they are stored: Python does not convert colour profiles either. */
const AS_STORED = { colorSpaceConversion: 'none', imageOrientation: 'from-image' } as const;

/** @throws ErgoError `image-undecodable`, `out-of-memory` */
export async function decodeWhole(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file, AS_STORED).catch(fail);
}

/** Decodes all of it each time, but holds only the region. @throws as decodeWhole */
export async function decodeRegion(file: Blob, region: Box<'original'>): Promise<ImageBitmap> {
  const { x, y, width, height } = region;
  return createImageBitmap(file, x, y, width, height, AS_STORED).catch(fail);
}

/** Reduced by the browser with its best filter. @throws as decodeWhole */
export async function decodeReduced(file: Blob, size: Size): Promise<ImageBitmap> {
  const resize = { resizeWidth: size.width, resizeHeight: size.height, resizeQuality: 'high' };
  return createImageBitmap(file, { ...AS_STORED, ...resize } as ImageBitmapOptions).catch(fail);
}

/**
 * A JPEG decoded at an eighth to seven eighths of its size, at least as large as asked for. Not
 * for pictures that EXIF turns.
 * @returns null where there is no ImageDecoder, or when it does not reduce
 */
export async function decodeJpegReduced(file: Blob, size: Size): Promise<VideoFrame | null> {
  if (typeof ImageDecoder === 'undefined') return null;
  const decoder = new ImageDecoder({
    data: file.stream(),
    type: 'image/jpeg',
    desiredWidth: size.width,
    desiredHeight: size.height,
    colorSpaceConversion: 'none',
    preferAnimation: false,
  });
  try {
    const { image } = await decoder.decode();
    return image;
  } catch {
    // createImageBitmap decides then, and its error is the one to show.
    return null;
  } finally {
    decoder.close();
  }
}

function fail(thrown: unknown): never {
  const memory = thrown instanceof RangeError || /memory|alloc/i.test(String(thrown));
  if (memory) throw toErgoError(thrown, 'out-of-memory');
  throw new ErgoError('image-undecodable', 'The browser could not decode the picture.', {
    cause: thrown,
  });
}
