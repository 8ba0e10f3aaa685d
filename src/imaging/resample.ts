/**
 * Separable Lanczos resampling of a picture that comes in strips, so that the original never
 * stands in memory as one array. 8 bits per channel between the passes, as in Pillow.
 */
import { PRECISION, lanczosWeights, type Weights } from './filter.ts';
import type { ResamplePlan } from './plan.ts';
import { boxReduce } from './reduce.ts';

const HALF = 1 << (PRECISION - 1);

export interface Resampler {
  /**
   * The next rows of `plan.read`, from its top. Their number must be a multiple of
   * `plan.reduce.y`, but for the last ones.
   * @param rgba [rows, plan.read.width, 4], opaque
   */
  push(rgba: Uint8ClampedArray, rows: number): void;
  /** @returns [target.height, target.width, 4], opaque; valid when all rows were pushed */
  finish(): Uint8ClampedArray<ArrayBuffer>;
}

export function createResampler(plan: ResamplePlan): Resampler {
  return isCopy(plan) ? createCopier(plan) : createFilter(plan);
}

/** Nothing is resized: the filter's weights would be 1 at one pixel and 0 at its neighbours. */
function isCopy({ reduce, shown, target }: ResamplePlan): boolean {
  return (
    reduce.x === 1 &&
    reduce.y === 1 &&
    isWhole(shown.x, target.width) &&
    isWhole(shown.y, target.height)
  );
}

function isWhole({ start, end }: { start: number; end: number }, length: number): boolean {
  return Number.isInteger(start) && end - start === length;
}

/** The same bytes as the filter's, several times faster. */
function createCopier({ read, shown, target }: ResamplePlan): Resampler {
  const copy = new Uint8ClampedArray(target.width * target.height * 4);
  const line = target.width * 4;
  let to = -shown.y.start;
  return {
    push(rgba, rows) {
      for (let row = 0; row < rows; row++, to++) {
        if (to < 0 || to >= target.height) continue;
        const from = (row * read.width + shown.x.start) * 4;
        copy.set(rgba.subarray(from, from + line), to * line);
      }
    },
    finish: () => copy,
  };
}

function createFilter(plan: ResamplePlan): Resampler {
  const { reduced, target, shown, reduce } = plan;
  const across = lanczosWeights(reduced.width, shown.x.start, shown.x.end, target.width);
  const down = lanczosWeights(reduced.height, shown.y.start, shown.y.end, target.height);
  const narrowed = new Uint8ClampedArray(reduced.height * target.width * 3);
  let filled = 0;
  return {
    push(rgba, rows) {
      const small = boxReduce(rgba, plan.read.width, rows, reduce.x, reduce.y);
      const smallRows = Math.ceil(rows / reduce.y);
      horizontal(small, reduced.width, smallRows, across, narrowed, filled * target.width * 3);
      filled += smallRows;
    },
    finish() {
      return vertical(narrowed, target.width, target.height, down);
    },
  };
}

/** RGBA [rows, width] to RGB [rows, weights' length], written from `offset` on. */
function horizontal(
  source: Uint8ClampedArray,
  width: number,
  rows: number,
  { first, count, weight, stride }: Weights,
  target: Uint8ClampedArray,
  offset: number,
): void {
  let to = offset;
  for (let row = 0; row < rows; row++) {
    const start = row * width * 4;
    for (let x = 0; x < first.length; x++, to += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let at = start + (first[x] ?? 0) * 4;
      const end = x * stride + (count[x] ?? 0);
      for (let k = x * stride; k < end; k++, at += 4) {
        const w = weight[k] ?? 0;
        red += (source[at] ?? 0) * w;
        green += (source[at + 1] ?? 0) * w;
        blue += (source[at + 2] ?? 0) * w;
      }
      // The clamped array takes care of overshoot.
      target[to] = red >> PRECISION;
      target[to + 1] = green >> PRECISION;
      target[to + 2] = blue >> PRECISION;
    }
  }
}

/** RGB [any, width] to RGBA [height, width]. */
function vertical(
  source: Uint8ClampedArray,
  width: number,
  height: number,
  { first, count, weight, stride }: Weights,
): Uint8ClampedArray<ArrayBuffer> {
  const target = new Uint8ClampedArray(width * height * 4);
  const line = width * 3;
  const sums = new Int32Array(line);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let k = 0; k < (count[y] ?? 0); k++) {
      const w = weight[y * stride + k] ?? 0;
      const start = ((first[y] ?? 0) + k) * line;
      for (let i = 0; i < line; i++) sums[i] = (sums[i] ?? 0) + (source[start + i] ?? 0) * w;
    }
    let to = y * width * 4;
    for (let i = 0; i < line; i += 3, to += 4) {
      target[to] = (sums[i] ?? 0) >> PRECISION;
      target[to + 1] = (sums[i + 1] ?? 0) >> PRECISION;
      target[to + 2] = (sums[i + 2] ?? 0) >> PRECISION;
      target[to + 3] = 255;
    }
  }
  return target;
}
