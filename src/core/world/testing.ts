/** Pictures by formula, the same in training/tests/test_world.py. */
import type { Size } from '../geometry/size.ts';

/** @returns RGBA [height, width, 4] */
export function patternPixels(pattern: string, { width, height }: Size): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  const side = Math.floor(width / 12);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const tile = Math.floor(x / side) + 3 * Math.floor(y / side);
      rgba.set(colourOf(pattern, tile), 4 * (y * width + x));
    }
  }
  return rgba;
}

function colourOf(pattern: string, tile: number): [number, number, number] {
  if (pattern === 'plain') return [200, 30, 30];
  if (pattern === 'grey') return tile % 2 === 0 ? [20, 20, 20] : [230, 230, 230];
  return [(tile * 97) % 256, (tile * 53 + 80) % 256, (tile * 29 + 160) % 256];
}
