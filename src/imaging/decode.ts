/**
 * Every way in which the browser decodes for us. All of them give the picture as a person sees it:
 * upright, in sRGB.
 *
 * A region is never decoded straight from a file: Chromium cuts it at the opposite corner where
 * EXIF, PNG's eXIf or AVIF's irot turns the picture by 90 or 270 degrees, and decodes all of it
 * all the same (`scripts/measure/large-picture.mjs`).
 */
import { ErgoError, toErgoError } from '../core/errors.ts';
import type { Size } from '../core/geometry/size.ts';
import { checkReadable } from './read.ts';

const AS_SEEN = { colorSpaceConversion: 'default', imageOrientation: 'from-image' } as const;

/**
 * @param failure what to say of a file that cannot be decoded
 * @throws ErgoError `image-undecodable`, `file-unreadable`, `out-of-memory`
 */
export async function decodeWhole(
  file: Blob,
  failure = 'The browser could not decode the picture.',
): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, AS_SEEN);
  } catch (thrown) {
    await checkReadable(file);
    const memory = thrown instanceof RangeError || /memory|alloc/i.test(String(thrown));
    if (memory) throw toErgoError(thrown, 'out-of-memory');
    throw new ErgoError('image-undecodable', failure, { cause: thrown });
  }
}

/** By the browser's best filter. @throws ErgoError `out-of-memory` */
export async function shrink(bitmap: ImageBitmap, { width, height }: Size): Promise<ImageBitmap> {
  const size = { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' } as const;
  return createImageBitmap(bitmap, size).catch((thrown: unknown) => {
    throw toErgoError(thrown, 'out-of-memory');
  });
}

export interface ReducedJpeg {
  readonly bitmap: ImageBitmap;
  /** Of the whole picture, upright. */
  readonly size: Size;
  /** Neither turned nor in other colours than sRGB: the stored pixels are those to be seen. */
  readonly isPlain: boolean;
}

/**
 * A JPEG decoded at one to four eighths of its size, which skips most of the work.
 * @param stored its size, as its header claims
 * @param scale of both sides at least, 0 to 1
 * @returns null where that cannot be had, for whatever reason: the whole has to be decoded then
 */
export async function decodeJpegReduced(
  file: Blob,
  stored: Size,
  scale: number,
): Promise<ReducedJpeg | null> {
  const eighths = Math.ceil(scale * 8);
  if (typeof ImageDecoder === 'undefined' || eighths > MOST_EIGHTHS) return null;
  const wanted = scaled(stored, eighths);
  const decoder = new ImageDecoder({
    data: file.stream(),
    type: 'image/jpeg',
    desiredWidth: wanted.width,
    desiredHeight: wanted.height,
    preferAnimation: false,
  });
  try {
    const { image } = await decoder.decode();
    const turns = quarterTurns(image);
    const shown = { width: image.displayWidth, height: image.displayHeight };
    const isTurned = turns % 2 === 1;
    const { width, height } = isTurned ? flipped(shown) : shown;
    const { primaries, transfer } = image.colorSpace;
    const isSrgb = primaries === 'bt709' && transfer === 'iec61966-2-1';
    const isPlain = isSrgb && turns === 0 && 'flip' in image && image.flip === false;
    // What the header claims holds only if what was decoded fits it.
    const fits = width === wanted.width && height === wanted.height;
    const bitmap = Number.isInteger(turns) && fits ? await createImageBitmap(image) : null;
    image.close();
    const size = { width: stored.width, height: stored.height };
    return bitmap && { bitmap, size: isTurned ? flipped(size) : size, isPlain };
  } catch {
    // The whole decides then, and its error is the one to show.
    return null;
  } finally {
    decoder.close();
  }
}

/** Beyond half of a side the whole costs hardly more, and is kept for the crops. */
const MOST_EIGHTHS = 4;

/** libjpeg's rule. */
function scaled({ width, height }: Size, eighths: number): Size {
  return { width: Math.ceil((width * eighths) / 8), height: Math.ceil((height * eighths) / 8) };
}

function flipped({ width, height }: Size): Size {
  return { width: height, height: width };
}

/** NaN in browsers whose frames do not know how they are turned. */
function quarterTurns(frame: VideoFrame): number {
  return 'rotation' in frame ? Number(frame.rotation) / 90 : Number.NaN;
}
