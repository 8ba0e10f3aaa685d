/** Sizes and boxes, typed by the frame that their pixels belong to. */

/**
 * `original`: pixels of the file after its EXIF orientation was applied;
 * `coarse`: pixels of the resized whole picture that the model sees;
 * `crop`: pixels of a resized region that the model sees.
 */
export type Frame = 'original' | 'coarse' | 'crop';

/** Pixels; both sides are at least 1. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * A rectangle in the pixels of one frame: origin at the top left, `x + width` is exclusive.
 * The frame is a field, so that a box explains itself in a report and cannot be mixed up:
 * a `Box<'coarse'>` is not assignable to a `Box<'original'>`.
 */
export interface Box<F extends Frame = Frame> {
  readonly frame: F;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function box<F extends Frame>(
  frame: F,
  x: number,
  y: number,
  width: number,
  height: number,
): Box<F> {
  return { frame, x, y, width, height };
}

/** The box that covers a whole picture of this size. */
export function wholeBox<F extends Frame>(frame: F, size: Size): Box<F> {
  return { frame, x: 0, y: 0, width: size.width, height: size.height };
}

export function area(rectangle: Size): number {
  return rectangle.width * rectangle.height;
}

/** The part of `inner` that lies in `outer`, or null if they do not touch with an area. */
export function intersection<F extends Frame>(inner: Box<F>, outer: Box<F>): Box<F> | null {
  const x = Math.max(inner.x, outer.x);
  const y = Math.max(inner.y, outer.y);
  const width = Math.min(inner.x + inner.width, outer.x + outer.width) - x;
  const height = Math.min(inner.y + inner.height, outer.y + outer.height) - y;
  return width > 0 && height > 0 ? { frame: inner.frame, x, y, width, height } : null;
}

/** Intersection over union, 0..1; 0 for boxes without an area. */
export function overlap<F extends Frame>(a: Box<F>, b: Box<F>): number {
  const common = intersection(a, b);
  if (common === null) return 0;
  return area(common) / (area(a) + area(b) - area(common));
}
