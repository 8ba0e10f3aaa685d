/**
 * An open file as a source of resized pixels. A file is opened by decoding it: that shows that it
 * can be, and how large it is. JPEGs of some size are opened by a reduced decode, which serves the
 * coarse view and what the page draws; the whole is decoded while the model looks at that. Of
 * what does not fit the memory budget only a reduced form is held.
 */
import { ErgoError } from '../core/errors.ts';
import { area, type Box, type Size } from '../core/geometry/size.ts';
import { isComplete } from './complete.ts';
import { decodeJpegReduced, decodeWhole, shrink } from './decode.ts';
import { readHeader, type PictureHeader } from './header.ts';
import { checkSize, limitsOf, type Limits } from './limits.ts';
import { planResample } from './plan.ts';
import { checkReadable } from './read.ts';
import { resampleFrom } from './strips.ts';

export interface Pixels {
  /** Upright, of what was decoded. */
  readonly size: Size;
  readonly header: PictureHeader;
  /**
   * @param region null for the whole picture
   * @throws ErgoError `image-undecodable`, `file-unreadable`, `out-of-memory`
   */
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

/** Source pixels per target pixel that a reduced form must keep for the filter. */
const DETAIL = 3;

/** @throws ErgoError `image-undecodable`, `image-too-large`, `file-unreadable`, `out-of-memory` */
export async function openPixels(file: Blob, limits = limitsOf(memoryOfDevice())): Promise<Pixels> {
  const header = await headerOf(file);
  const started = performance.now();
  const { size, reduced, whole, isPlain } = await firstForm(file, header, limits);
  let ahead = performance.now() - started;
  const isHeld = area(size) * 4 <= limits.heldBytes;
  let holding = whole && Promise.resolve(whole);
  let closed = false;

  async function decodeAgain(): Promise<ImageBitmap> {
    const bitmap = await decodeWhole(file);
    const isSame = bitmap.width === size.width && bitmap.height === size.height;
    if (!closed && isSame) return bitmap;
    bitmap.close();
    if (closed) throw new ErgoError('cancelled', 'The picture was closed.');
    throw new ErgoError('image-undecodable', 'The picture has another size than its header says.');
  }

  function hold(): Promise<ImageBitmap> {
    holding ??= decodeAgain().catch((thrown: unknown) => {
      holding = null;
      throw thrown;
    });
    return holding;
  }

  async function source(region: Box<'original'> | null, target: Size): Promise<Form> {
    if (region === null) {
      const scale = scaleFor(size, target);
      if (reduced && reduced.width >= size.width * scale) return { bitmap: reduced, isOwn: false };
      if (!holding && header.type === 'image/jpeg') {
        // A larger first look than most.
        const fresh = await decodeJpegReduced(file, header, scale);
        if (fresh) return { bitmap: fresh.bitmap, isOwn: true };
      }
    }
    if (isHeld) return { bitmap: await hold(), isOwn: false };
    return { bitmap: await decodeAgain(), isOwn: true };
  }

  return {
    size,
    header,
    async resize(region, target, breathe) {
      const started = performance.now();
      const { bitmap, isOwn } = await source(region, target);
      const decoded = performance.now();
      try {
        await breathe();
        const plan = planResample(region ? size : sizeOf(bitmap), region, target);
        const rgba = await resampleFrom(bitmap, isPlain, plan, breathe);
        // The crops will need it, and the model is busy with the first look meanwhile.
        if (isHeld && area(size) <= limits.drawnPixels) hold().catch(() => undefined);
        const decode = decoded - started + ahead;
        ahead = 0;
        return { rgba, decode, resize: performance.now() - decoded };
      } finally {
        if (isOwn) bitmap.close();
      }
    },
    async glance() {
      const isLarge = area(size) > limits.drawnPixels || !isHeld;
      if (!isLarge || longest(size) <= limits.glanceSide) return null;
      // The page gets its own: it closes what it has drawn.
      if (reduced) return createImageBitmap(reduced);
      return shrink(await hold(), within(size, limits.glanceSide));
    },
    close() {
      closed = true;
      reduced?.close();
      holding?.then((bitmap) => bitmap.close()).catch(() => undefined);
      holding = null;
    },
  };
}

/** @throws ErgoError `image-undecodable`, `image-too-large`, `file-unreadable` */
async function headerOf(file: Blob): Promise<PictureHeader> {
  if (file.size === 0) {
    await checkReadable(file);
    throw new ErgoError('image-undecodable', 'The file is empty.');
  }
  const header = await readHeader(file);
  checkSize(header);
  if (!(await isComplete(file, header))) {
    throw new ErgoError('image-undecodable', 'The picture is cut off: its end is missing.');
  }
  return header;
}

interface FirstForm {
  readonly size: Size;
  readonly whole: ImageBitmap | null;
  readonly reduced: ImageBitmap | null;
  /** See ReducedJpeg; false where it is not known. */
  readonly isPlain: boolean;
}

async function firstForm(file: Blob, header: PictureHeader, limits: Limits): Promise<FirstForm> {
  if (header.type === 'image/jpeg' && area(header) > 0) {
    const isLarge = area(header) > limits.drawnPixels;
    const scale = isLarge
      ? limits.glanceSide / longest(header)
      : Math.sqrt(limits.reducedPixels / area(header));
    const form = await decodeJpegReduced(file, header, scale);
    if (form) {
      return { size: form.size, whole: null, reduced: form.bitmap, isPlain: form.isPlain };
    }
  }
  const failure = header.type === '' ? 'The file is not a picture.' : undefined;
  const whole = await decodeWhole(file, failure);
  const size = sizeOf(whole);
  const isHeld = area(size) * 4 <= limits.heldBytes;
  try {
    checkSize(size);
    const reduced = isHeld ? null : await shrink(whole, within(size, limits.glanceSide));
    return { size, whole: isHeld ? whole : null, reduced, isPlain: false };
  } finally {
    if (!isHeld) whole.close();
  }
}

/** A decoded form of the picture, to be closed by its user if it is its own. */
interface Form {
  readonly bitmap: ImageBitmap;
  readonly isOwn: boolean;
}

/** How much of each side a form must have for a target. */
function scaleFor(size: Size, target: Size): number {
  return Math.max((target.width * DETAIL) / size.width, (target.height * DETAIL) / size.height);
}

function longest({ width, height }: Size): number {
  return Math.max(width, height);
}

/** The same shape, not longer than this. */
function within(size: Size, side: number): Size {
  const scale = Math.min(1, side / longest(size));
  const fitted = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: fitted(size.width), height: fitted(size.height) };
}

function sizeOf({ width, height }: Size): Size {
  return { width, height };
}

function memoryOfDevice(): number | undefined {
  return 'deviceMemory' in navigator && typeof navigator.deviceMemory === 'number'
    ? navigator.deviceMemory
    : undefined;
}
