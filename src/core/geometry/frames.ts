/** The ONE place where coordinates change their frame or leave a model's convention. */
import type { Box, Size } from './size.ts';

/**
 * What the numbers of a box mean to a model family:
 * Qwen2.5-VL and ERGO count pixels of the resized picture, Qwen2-VL and Qwen3-VL thousandths of
 * its sides, others fractions.
 */
export type CoordinateConvention = 'absolute-coarse-pixels' | 'relative-1000' | 'relative-1';

/** x1, y1, x2, y2 as a model wrote them. */
export type Corners = readonly [number, number, number, number];

/**
 * Could these numbers be meant in this convention? Fractions under another convention would be a
 * point in the corner, and numbers above 1 are no fractions: neither is translated, because a
 * model that writes in other units than its family's is not understood. A number that lies a
 * little outside is; the region is then cut to the picture.
 */
export function fitsConvention(corners: Corners, convention: CoordinateConvention): boolean {
  const largest = Math.max(...corners.map(Math.abs));
  return convention === 'relative-1' ? largest <= 1.5 : largest > 1;
}

/** @returns the box in coarse pixels, not yet repaired: sides may be negative or outside */
export function fromModelCorners(
  corners: Corners,
  convention: CoordinateConvention,
  coarse: Size,
): Box<'coarse'> {
  const [sx, sy] = unitsPerPixel(convention, coarse);
  const [x1, y1, x2, y2] = corners;
  return { frame: 'coarse', x: x1 / sx, y: y1 / sy, width: (x2 - x1) / sx, height: (y2 - y1) / sy };
}

/** The corners that a model of this convention would write; whole numbers but for fractions. */
export function toModelCorners(
  region: Box<'coarse'>,
  convention: CoordinateConvention,
  coarse: Size,
): Corners {
  const [sx, sy] = unitsPerPixel(convention, coarse);
  const round = convention === 'relative-1' ? (value: number) => value : Math.round;
  return [
    round(region.x * sx),
    round(region.y * sy),
    round((region.x + region.width) * sx),
    round((region.y + region.height) * sy),
  ];
}

/**
 * Coarse pixels to whole pixels of the original. Edges are rounded outwards, so that the crop
 * never loses a part of the region, and clipped to the picture.
 */
export function coarseToOriginal(
  region: Box<'coarse'>,
  coarse: Size,
  original: Size,
): Box<'original'> {
  const sx = original.width / coarse.width;
  const sy = original.height / coarse.height;
  const left = clamp(Math.floor(region.x * sx + 1e-6), 0, original.width - 1);
  const top = clamp(Math.floor(region.y * sy + 1e-6), 0, original.height - 1);
  const right = clamp(Math.ceil((region.x + region.width) * sx - 1e-6), left + 1, original.width);
  const bottom = clamp(Math.ceil((region.y + region.height) * sy - 1e-6), top + 1, original.height);
  return { frame: 'original', x: left, y: top, width: right - left, height: bottom - top };
}

/** Original pixels to coarse pixels, unrounded. */
export function originalToCoarse(
  region: Box<'original'>,
  original: Size,
  coarse: Size,
): Box<'coarse'> {
  return {
    frame: 'coarse',
    ...scaled(region, coarse.width / original.width, coarse.height / original.height),
  };
}

/**
 * A box inside a crop to the original, unrounded.
 * @param shown the region of the original that the crop shows
 * @param crop size of the crop as the model sees it
 */
export function cropToOriginal(
  inner: Box<'crop'>,
  shown: Box<'original'>,
  crop: Size,
): Box<'original'> {
  const part = scaled(inner, shown.width / crop.width, shown.height / crop.height);
  return { frame: 'original', ...part, x: part.x + shown.x, y: part.y + shown.y };
}

function scaled(from: Box, sx: number, sy: number): Omit<Box, 'frame'> {
  return { x: from.x * sx, y: from.y * sy, width: from.width * sx, height: from.height * sy };
}

function unitsPerPixel(convention: CoordinateConvention, size: Size): readonly [number, number] {
  switch (convention) {
    case 'absolute-coarse-pixels':
      return [1, 1];
    case 'relative-1000':
      return [1000 / size.width, 1000 / size.height];
    case 'relative-1':
      return [1 / size.width, 1 / size.height];
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
