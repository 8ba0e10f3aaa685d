/**
 * What a resize has to read and do: which pixels of the original, an integer box reduction before
 * the filter, and where the shown part then lies. Same arithmetic as Pillow's
 * `Image.resize(size, LANCZOS, box, reducing_gap=3)`, which training/runtime/imaging.py calls.
 */
import { wholeBox, type Box, type Size } from '../core/geometry/size.ts';
import { SUPPORT } from './filter.ts';

/** Edges along one side. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface ResamplePlan {
  /** Whole pixels of the original that are needed, the filter's margin included. */
  readonly read: Box<'original'>;
  /** Pixels that are averaged into one before the filter; 1 for none. */
  readonly reduce: { readonly x: number; readonly y: number };
  /** Size of the reduced picture that the filter works on. */
  readonly reduced: Size;
  /** The shown part in reduced pixels, may be fractional. */
  readonly shown: { readonly x: Span; readonly y: Span };
  readonly target: Size;
}

/** Strong reductions start with an average to (about) this many times the target. */
const REDUCING_GAP = 3;

/**
 * @param picture size of the original
 * @param region the part to be shown, whole pixels inside the picture
 * @param target size of the result
 */
export function planResample(
  picture: Size,
  region: Box<'original'> | null,
  target: Size,
): ResamplePlan {
  const part = region ?? wholeBox('original', picture);
  const x = planSide(picture.width, part.x, part.width, target.width);
  const y = planSide(picture.height, part.y, part.height, target.height);
  return {
    read: { frame: 'original', x: x.from, y: y.from, width: x.length, height: y.length },
    reduce: { x: x.factor, y: y.factor },
    reduced: { width: Math.ceil(x.length / x.factor), height: Math.ceil(y.length / y.factor) },
    shown: { x: x.shown, y: y.shown },
    target: { width: target.width, height: target.height },
  };
}

interface SidePlan {
  readonly from: number;
  readonly length: number;
  readonly factor: number;
  readonly shown: Span;
}

function planSide(limit: number, start: number, length: number, target: number): SidePlan {
  const scale = length / target;
  const factor = Math.max(1, Math.trunc(scale / REDUCING_GAP));
  // Pillow's margin for reductions; without one the filter's full support plus rounding.
  const margin = factor > 1 ? (SUPPORT - 0.5) * scale : SUPPORT * Math.max(scale, 1) + 1;
  const from = Math.max(0, Math.trunc(start - margin));
  const to = Math.min(limit, Math.ceil(start + length + margin));
  const shown = { start: (start - from) / factor, end: (start + length - from) / factor };
  return { from, length: to - from, factor, shown };
}
