/**
 * Two numbers that tell a drawn scene with printed tags from a photograph without any model. Same
 * arithmetic as `picture_statistics` of training/runtime/world.py.
 */
import type { PictureStatistics } from '../core/contracts/pictures.ts';
import type { Size } from '../core/geometry/size.ts';

/** Least difference of two pixels, one pixel apart from the one between them, in any channel. */
const EDGE = 60;
/** Least difference of a pixel's channels. */
const VIVID = 100;
const HUES = 12;
/** Fewer pixels tell nothing of their hues. */
const ENOUGH = 20;
/** Larger views are averaged down to about so many pixels: edges mean the same at every size. */
const PIXELS = 80_000;

/** @param rgba [height, width, 4] */
export function pictureStatistics(rgba: Uint8ClampedArray, size: Size): PictureStatistics {
  const { rgb, width, height } = averaged(rgba, size);
  const counts = Array.from({ length: HUES }, () => 0);
  let vivid = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = 3 * (y * width + x);
      const [r = 0, g = 0, b = 0] = rgb.subarray(at, at + 3);
      const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
      if (most - least <= VIVID) continue;
      if (Math.max(step(rgb, at, 3), step(rgb, at, 3 * width)) <= EDGE) continue;
      vivid++;
      const bin = Math.floor((HUES / 6) * hueOf(r, g, b, most, most - least)) % HUES;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  const inner = Math.max(1, (width - 2) * (height - 2));
  return { vividEdges: vivid / inner, edgeHues: vivid > ENOUGH ? entropy(counts, vivid) : 0 };
}

/** Largest difference over the channels of the pixels before and after. */
function step(rgb: Float32Array, at: number, stride: number): number {
  let most = 0;
  for (let channel = at; channel < at + 3; channel++) {
    most = Math.max(most, Math.abs((rgb[channel + stride] ?? 0) - (rgb[channel - stride] ?? 0)));
  }
  return most;
}

/** 0 to 6 around the circle of colours, red at 0. */
function hueOf(r: number, g: number, b: number, most: number, range: number): number {
  if (most === r) return ((g - b) / range + 6) % 6;
  return most === g ? (b - r) / range + 2 : (r - g) / range + 4;
}

/** Nats. */
function entropy(counts: readonly number[], total: number): number {
  return counts.reduce((sum, n) => (n > 0 ? sum - (n / total) * Math.log(n / total) : sum), 0);
}

/** Means of whole blocks; pixels left over at the right and at the bottom are left out. */
function averaged(rgba: Uint8ClampedArray, size: Size): Size & { readonly rgb: Float32Array } {
  const block = Math.max(1, Math.round(Math.sqrt((size.width * size.height) / PIXELS)));
  const width = Math.max(1, Math.floor(size.width / block));
  const height = Math.max(1, Math.floor(size.height / block));
  const rgb = new Float32Array(3 * width * height);
  for (let y = 0; y < height * block; y++) {
    const row = Math.floor(y / block) * width;
    for (let x = 0; x < width * block; x++) {
      const to = 3 * (row + Math.floor(x / block));
      const from = 4 * (y * size.width + x);
      for (let channel = 0; channel < 3; channel++) {
        rgb[to + channel] = (rgb[to + channel] ?? 0) + (rgba[from + channel] ?? 0);
      }
    }
  }
  if (block > 1) rgb.forEach((sum, i) => (rgb[i] = sum / block ** 2));
  return { rgb, width, height };
}
