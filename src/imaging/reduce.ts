/** Integer box reduction of RGBA rows, after Pillow's `Reduce.c`. */

/**
 * Averages blocks of `fx` x `fy` pixels; blocks at the right and bottom border may be smaller.
 * @param rgba [height, width, 4], opaque
 * @returns [ceil(height / fy), ceil(width / fx), 4], alpha 255
 */
export function boxReduce(
  rgba: Uint8ClampedArray,
  width: number,
  height: number,
  fx: number,
  fy: number,
): Uint8ClampedArray {
  if (fx === 1 && fy === 1) return rgba;
  const columns = Math.ceil(width / fx);
  const rows = Math.ceil(height / fy);
  const result = new Uint8ClampedArray(columns * rows * 4);
  const sums = new Uint32Array(columns * 3);
  for (let row = 0; row < rows; row++) {
    const bottom = Math.min(height, (row + 1) * fy);
    sums.fill(0);
    for (let y = row * fy; y < bottom; y++) addRow(rgba, y * width * 4, width, fx, sums);
    for (let column = 0; column < columns; column++) {
      const pixels = (bottom - row * fy) * (Math.min(width, (column + 1) * fx) - column * fx);
      const divide = divider(pixels);
      const target = (row * columns + column) * 4;
      for (let c = 0; c < 3; c++) result[target + c] = divide(sums[column * 3 + c] ?? 0);
      result[target + 3] = 255;
    }
  }
  return result;
}

function addRow(
  rgba: Uint8ClampedArray,
  start: number,
  width: number,
  fx: number,
  sums: Uint32Array,
): void {
  let at = start;
  for (let column = 0, x = 0; x < width; column++) {
    const end = Math.min(width, x + fx);
    let red = 0;
    let green = 0;
    let blue = 0;
    for (; x < end; x++, at += 4) {
      red += rgba[at] ?? 0;
      green += rgba[at + 1] ?? 0;
      blue += rgba[at + 2] ?? 0;
    }
    sums[column * 3] = (sums[column * 3] ?? 0) + red;
    sums[column * 3 + 1] = (sums[column * 3 + 1] ?? 0) + green;
    sums[column * 3 + 2] = (sums[column * 3 + 2] ?? 0) + blue;
  }
}

const dividers = new Map<number, (sum: number) => number>();

/** Pillow multiplies by a truncated reciprocal of 24 bits; a true division rounds differently. */
function divider(pixels: number): (sum: number) => number {
  let found = dividers.get(pixels);
  if (found === undefined) {
    const reciprocal = Math.trunc(Math.fround(2 ** 32 / Math.fround(256 * pixels)));
    const half = Math.trunc(pixels / 2);
    found = (sum) => Math.floor(((sum + half) * reciprocal) / 2 ** 24);
    dividers.set(pixels, found);
  }
  return found;
}
