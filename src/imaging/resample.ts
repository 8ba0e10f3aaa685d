/**
 * Separable Lanczos resampling of a picture that comes in strips, so that the original never
 * stands in memory as one array. 8 bits per channel between the passes, as in Pillow.
 */
import { lanczosWeights } from './filter.ts';
import { createKernel, packWeights } from './kernel.ts';
import type { ResamplePlan } from './plan.ts';

/** The four channels may come in any order, the fourth being one that nobody looks at. */
export interface Resampler {
  /**
   * Where the next rows of `plan.read` have to be written, from its top: [rows, plan.read.width, 4].
   * Their number must be a multiple of `plan.reduce.y`, but for the last ones.
   */
  room(rows: number): Uint8Array<ArrayBuffer>;
  /** They are written. */
  push(rows: number): void;
  /** @returns [target.height, target.width, 4]; valid when all rows were pushed */
  finish(): Uint8ClampedArray<ArrayBuffer>;
}

/** @param strip rows at most that are pushed at once */
export function createResampler(plan: ResamplePlan, strip: number): Resampler {
  return isCopy(plan) ? createCopier(plan, strip) : createFilter(plan, strip);
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
function createCopier({ read, shown, target }: ResamplePlan, strip: number): Resampler {
  const source = new Uint8Array(read.width * strip * 4);
  const copy = new Uint8ClampedArray(target.width * target.height * 4);
  const line = target.width * 4;
  let to = -shown.y.start;
  return {
    room: (rows) => source.subarray(0, read.width * rows * 4),
    push(rows) {
      for (let row = 0; row < rows; row++, to++) {
        if (to < 0 || to >= target.height) continue;
        const from = (row * read.width + shown.x.start) * 4;
        copy.set(source.subarray(from, from + line), to * line);
      }
    },
    finish: () => copy,
  };
}

function createFilter(plan: ResamplePlan, strip: number): Resampler {
  const { read, reduced, target, shown, reduce } = plan;
  const across = packWeights(
    lanczosWeights(reduced.width, shown.x.start, shown.x.end, target.width),
  );
  const down = packWeights(
    lanczosWeights(reduced.height, shown.y.start, shown.y.end, target.height),
  );
  const isReduced = reduce.x > 1 || reduce.y > 1;
  const line = target.width * 4;
  const { kernel, addresses } = createKernel([
    read.width * strip * 4,
    isReduced ? reduced.width * Math.ceil(strip / reduce.y) * 4 : 0,
    // An odd number of taps reads one line more, with a weight of 0.
    line * (reduced.height + 1),
    target.width * 8,
    across.lanes.byteLength,
    down.lanes.byteLength,
    line * target.height,
  ]);
  const [source = 0, small = 0, narrowed = 0, taps = 0, weightsX = 0, weightsY = 0, to = 0] =
    addresses;
  const { buffer } = kernel.memory;
  const pixels = across.taps.flatMap(({ first, pairs }) => [first * 4, pairs]);
  new Int32Array(buffer, taps, pixels.length).set(pixels);
  new Int16Array(buffer, weightsX, across.lanes.length).set(across.lanes);
  new Int16Array(buffer, weightsY, down.lanes.length).set(down.lanes);
  let filled = 0;
  return {
    room: (rows) => new Uint8Array(buffer, source, read.width * rows * 4),
    push(rows) {
      if (isReduced) kernel.reduce(source, read.width, rows, reduce.x, reduce.y, small);
      kernel.across(
        isReduced ? small : source,
        reduced.width,
        Math.ceil(rows / reduce.y),
        taps,
        weightsX,
        across.stride,
        target.width,
        narrowed + filled * line,
      );
      filled += Math.ceil(rows / reduce.y);
    },
    finish() {
      for (const [y, { first, pairs }] of down.taps.entries()) {
        const from = narrowed + first * line;
        kernel.down(from, line, pairs, weightsY + y * down.stride, to + y * line);
      }
      return new Uint8ClampedArray(buffer, to, line * target.height).slice();
    },
  };
}
