/** Pixels of a decoded picture, strip by strip, over white. */
import { ErgoError } from '../core/errors.ts';
import { STRIP_PIXELS } from './limits.ts';
import type { ResamplePlan } from './plan.ts';
import { createResampler, type Resampler } from './resample.ts';

/**
 * Runs a plan over a decoded picture.
 * @param isPlain its memory holds what is to be seen: browsers put off turning and colours until a
 *   bitmap is drawn
 * @param breathe called between strips; throws to cancel
 * @returns RGBA [target.height, target.width, 4], opaque
 * @throws ErgoError `out-of-memory`
 */
export async function resampleFrom(
  source: ImageBitmap,
  isPlain: boolean,
  plan: ResamplePlan,
  breathe: () => Promise<void>,
): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const { read, reduce } = plan;
  const wanted = Math.max(1, Math.floor(STRIP_PIXELS / read.width / reduce.y)) * reduce.y;
  const strip = Math.min(wanted, read.height);
  const resampler = createResampler(plan, strip);
  const reader = (isPlain && openFrame(source)) || openCanvas(source, read.width, strip);
  try {
    for (let y = 0; y < read.height; y += strip) {
      const rows = Math.min(strip, read.height - y);
      await reader.read({ x: read.x, y: read.y + y, width: read.width, height: rows }, resampler);
      resampler.push(rows);
      await breathe();
    }
    return reader.isRaw ? toRgba(resampler.finish(), reader.isBgr) : resampler.finish();
  } finally {
    reader.close();
  }
}

interface Reader {
  /** The fourth channel is nothing in particular; else 255. */
  readonly isRaw: boolean;
  /** Blue comes first. */
  readonly isBgr: boolean;
  read(part: Part, to: Resampler): Promise<void>;
  close(): void;
}

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The bitmap's own memory, copied once: seven times faster than drawing and reading a canvas.
 * @returns null where that cannot be
 */
function openFrame(source: ImageBitmap): Reader | null {
  if (typeof VideoFrame === 'undefined') return null;
  const frame = new VideoFrame(source, { timestamp: 0 });
  if (frame.format !== 'BGRX' && frame.format !== 'RGBX') {
    frame.close();
    return null;
  }
  return {
    isRaw: true,
    isBgr: frame.format === 'BGRX',
    async read(part, to) {
      const layout = [{ offset: 0, stride: part.width * 4 }];
      await frame.copyTo(to.room(part.height), { rect: part, layout });
    },
    close: () => frame.close(),
  };
}

function openCanvas(source: ImageBitmap, width: number, strip: number): Reader {
  const canvas = new OffscreenCanvas(width, strip);
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  if (context === null) throw new ErgoError('out-of-memory', 'There is no room for a canvas.');
  context.imageSmoothingEnabled = false;
  context.fillStyle = '#fff';
  return {
    isRaw: false,
    isBgr: false,
    async read({ x, y, height }, to) {
      context.fillRect(0, 0, width, height);
      context.drawImage(source, x, y, width, height, 0, 0, width, height);
      to.room(height).set(context.getImageData(0, 0, width, height).data);
    },
    close() {
      // Frees the pixels now, not when the collector comes by.
      canvas.width = 0;
      canvas.height = 0;
    },
  };
}

function toRgba(pixels: Uint8ClampedArray<ArrayBuffer>, isBgr: boolean): typeof pixels {
  for (let at = 0; at < pixels.length; at += 4) {
    if (isBgr) {
      const blue = pixels[at] ?? 0;
      pixels[at] = pixels[at + 2] ?? 0;
      pixels[at + 2] = blue;
    }
    pixels[at + 3] = 255;
  }
  return pixels;
}
