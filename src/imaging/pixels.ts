/**
 * An open file as a source of resized pixels, in the cheapest way for its size:
 * small ones are decoded once and held; of large JPEGs the coarse view is decoded reduced, and the
 * whole only when a crop needs it; what does not fit the memory budget is never held.
 */
import { ErgoError } from '../core/errors.ts';
import { area, wholeBox, type Box, type Size } from '../core/geometry/size.ts';
import { isComplete } from './complete.ts';
import { decodeJpegReduced, decodeReduced, decodeRegion, decodeWhole } from './decode.ts';
import { readHeader, type PictureHeader } from './header.ts';
import { checkSize, EAGER_PIXELS, GLANCE_SIDE, heldBytes } from './limits.ts';
import { planResample } from './plan.ts';
import { resampleFrom } from './strips.ts';

export interface Pixels {
  /** Oriented. */
  readonly size: Size;
  readonly header: PictureHeader;
  /** @param region null for the whole picture */
  resize(
    region: Box<'original'> | null,
    target: Size,
    breathe: () => Promise<void>,
  ): Promise<Resized>;
  /** See DrawablePicture.glance. */
  glance(): Promise<ImageBitmap | null>;
  close(): void;
}

export interface Resized {
  /** RGBA [target.height, target.width, 4], opaque */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  /** Milliseconds; what was decoded ahead counts for the first view. */
  readonly decode: number;
  readonly resize: number;
}

/** Source pixels per target pixel that a reduced decode must keep for the filter. */
const DETAIL = 3;

/** @throws ErgoError `image-undecodable`, `image-too-large`, `out-of-memory` */
export async function openPixels(file: Blob): Promise<Pixels> {
  const header = await headerOf(file);
  const stored = oriented(header);
  const isEager = header.type !== 'image/jpeg' || area(stored) <= EAGER_PIXELS;
  const isHeld = area(stored) * 4 <= heldBytes(memoryOfDevice());
  let held: ImageBitmap | null = null;
  let ahead = 0;
  let closed = false;

  const hold = async (): Promise<ImageBitmap> => {
    if (held) return held;
    const started = performance.now();
    const bitmap = await decodeWhole(file);
    ahead += performance.now() - started;
    if (closed) {
      bitmap.close();
      throw new ErgoError('cancelled', 'The picture was closed.');
    }
    held = bitmap;
    return bitmap;
  };

  // The bitmap knows best: formats other than JPEG may be turned by their containers.
  const size = isEager && isHeld ? sizeOf(await hold()) : stored;

  /** The decoded pixels for a region, where they start, and the frame's size. */
  async function source(region: Box<'original'> | null, target: Size): Promise<Decoded> {
    if (held) return { pixels: held, offset: ORIGIN, frame: size, isOwn: false };
    const least = { width: target.width * DETAIL, height: target.height * DETAIL };
    if (region === null && least.width < size.width && least.height < size.height) {
      const reduced = await reduce(file, header, least);
      return { pixels: reduced, offset: ORIGIN, frame: sizeOf(reduced), isOwn: true };
    }
    if (isHeld) return { pixels: await hold(), offset: ORIGIN, frame: size, isOwn: false };
    const { read } = planResample(size, region, target);
    return { pixels: await decodeRegion(file, read), offset: read, frame: size, isOwn: true };
  }

  return {
    size,
    header,
    async resize(region, target, breathe) {
      const started = performance.now();
      const { pixels, offset, frame, isOwn } = await source(region, target);
      const decoded = performance.now();
      try {
        await breathe();
        const plan = planResample(frame, region, target);
        const rgba = await resampleFrom(pixels, offset, plan, breathe);
        const decode = isOwn ? decoded - started : ahead;
        ahead = 0;
        return { rgba, decode, resize: performance.now() - decoded };
      } finally {
        if (isOwn) pixels.close();
      }
    },
    async glance() {
      if (isEager && isHeld) return null;
      const scale = GLANCE_SIDE / Math.max(size.width, size.height);
      if (scale >= 1) return null;
      const width = Math.round(size.width * scale);
      const reduced = await reduce(file, header, {
        width,
        height: Math.round(size.height * scale),
      });
      if (reduced instanceof ImageBitmap) return reduced;
      try {
        return await createImageBitmap(reduced);
      } finally {
        reduced.close();
      }
    },
    close() {
      closed = true;
      held?.close();
      held = null;
    },
  };
}

async function headerOf(file: Blob): Promise<PictureHeader> {
  const header = await readHeader(file);
  if (header === null) {
    const message = file.size === 0 ? 'The file is empty.' : 'The file is not a picture.';
    throw new ErgoError('image-undecodable', message);
  }
  checkSize(header);
  if (!(await isComplete(file, header))) {
    throw new ErgoError('image-undecodable', 'The picture is cut off: its end is missing.');
  }
  return header;
}

interface Decoded {
  readonly pixels: ImageBitmap | VideoFrame;
  readonly offset: { readonly x: number; readonly y: number };
  readonly frame: Size;
  readonly isOwn: boolean;
}

const ORIGIN = wholeBox('original', { width: 1, height: 1 });

async function reduce(
  file: Blob,
  header: PictureHeader,
  least: Size,
): Promise<ImageBitmap | VideoFrame> {
  if (header.type === 'image/jpeg' && header.orientation === 1) {
    const frame = await decodeJpegReduced(file, least);
    if (frame) return frame;
  }
  return decodeReduced(file, least);
}

function oriented({ width, height, orientation }: PictureHeader): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

function sizeOf(pixels: ImageBitmap | VideoFrame): Size {
  return pixels instanceof ImageBitmap
    ? { width: pixels.width, height: pixels.height }
    : { width: pixels.displayWidth, height: pixels.displayHeight };
}

function memoryOfDevice(): number | undefined {
  return 'deviceMemory' in navigator && typeof navigator.deviceMemory === 'number'
    ? navigator.deviceMemory
    : undefined;
}
