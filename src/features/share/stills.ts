/** Pictures made small enough to travel: WebP, or JPEG where a browser writes no WebP. */
import type { Size } from '../../core/geometry/size.ts';
import { plainWebp, stillOf, type Still } from '../../core/share/still.ts';
import type { Drawable } from './exhibit.ts';

/** Pixels of the longer side, tried from the largest on. */
const SIDES = [384, 320, 256, 208, 160, 128, 96, 64] as const;
/** Below the last one a picture of the next smaller size looks better. */
const QUALITIES = [0.6, 0.45, 0.3] as const;

/** @param quality 0..1 */
export async function stillFrom(picture: Drawable, size: Size, quality: number): Promise<Still> {
  const canvas = document.createElement('canvas');
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('The browser gives no canvas.');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, size.width, size.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, size.width, size.height);
  const blob =
    (await encoded(canvas, 'image/webp', quality)) ??
    (await encoded(canvas, 'image/jpeg', quality));
  if (!blob) throw new Error('The browser writes neither WebP nor JPEG.');
  return stillOf(plainWebp(new Uint8Array(await blob.arrayBuffer())));
}

/**
 * The best that fits.
 * @param most bytes
 * @returns null if nothing does
 */
export async function stillWithin(picture: Drawable, most: number): Promise<Still | null> {
  for (const side of SIDES) {
    const size = within(picture, side);
    for (const quality of QUALITIES) {
      const still = await stillFrom(picture, size, quality);
      if (bytesOf(still) <= most) return still;
    }
  }
  return null;
}

/** Of the same shape, at most so long; never enlarged. @param side pixels of the longer side */
export function within({ width, height }: Size, side: number): Size {
  const scale = Math.min(1, side / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** Of the file that its base64 stands for, to three bytes. */
function bytesOf({ data }: Still): number {
  return (3 * data.length) / 4;
}

/** @returns null where the browser writes another type instead */
async function encoded(
  canvas: HTMLCanvasElement,
  type: string,
  quality: number,
): Promise<Blob | null> {
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, type, quality);
  });
  return blob?.type === type ? blob : null;
}
