/** Pixels of a decoded picture, strip by strip, over white. */
import { ErgoError } from '../core/errors.ts';
import type { ResamplePlan } from './plan.ts';
import { createResampler } from './resample.ts';
import { STRIP_PIXELS } from './limits.ts';

/**
 * Runs a plan over a decoded picture.
 * @param breathe called between strips; throws to cancel
 * @returns RGBA [target.height, target.width, 4], opaque
 * @throws ErgoError `out-of-memory`
 */
export async function resampleFrom(
  source: ImageBitmap,
  plan: ResamplePlan,
  breathe: () => Promise<void>,
): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const { read, reduce } = plan;
  const wanted = Math.max(1, Math.floor(STRIP_PIXELS / read.width / reduce.y)) * reduce.y;
  const strip = Math.min(wanted, read.height);
  const canvas = new OffscreenCanvas(read.width, strip);
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  if (context === null) throw new ErgoError('out-of-memory', 'There is no room for a canvas.');
  context.imageSmoothingEnabled = false;
  context.fillStyle = '#fff';
  const resampler = createResampler(plan);
  try {
    for (let y = 0; y < read.height; y += strip) {
      const rows = Math.min(strip, read.height - y);
      context.fillRect(0, 0, read.width, rows);
      const { width } = read;
      context.drawImage(source, read.x, read.y + y, width, rows, 0, 0, width, rows);
      resampler.push(context.getImageData(0, 0, read.width, rows).data, rows);
      await breathe();
    }
    return resampler.finish();
  } finally {
    // Frees the pixels now, not when the collector comes by.
    canvas.width = 0;
    canvas.height = 0;
  }
}
