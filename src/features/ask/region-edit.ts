/** A region under a hand: moved, resized at a corner, drawn; always inside and never too small. */
import { growInside, moveInside } from '../../core/geometry/region.ts';
import type { Box, Size } from '../../core/geometry/size.ts';

export type Corner = 'nw' | 'ne' | 'sw' | 'se';
type Region = Box<'coarse'>;

interface Limits {
  readonly picture: Size;
  /** Least side in coarse pixels. */
  readonly minSide: number;
}

export function moveBy(region: Region, dx: number, dy: number, { picture }: Limits): Region {
  return moveInside({ ...region, x: region.x + dx, y: region.y + dy }, picture);
}

/** Moves one corner; the opposite one stays where it is. */
export function resizeBy(
  region: Region,
  corner: Corner,
  dx: number,
  dy: number,
  { picture, minSide }: Limits,
): Region {
  const [x, width] = stretch(
    region.x,
    region.width,
    corner.endsWith('w'),
    dx,
    picture.width,
    minSide,
  );
  const [y, height] = stretch(
    region.y,
    region.height,
    corner.startsWith('n'),
    dy,
    picture.height,
    minSide,
  );
  return { frame: 'coarse', x, y, width, height };
}

/** From one point to another, in any direction. */
export function drawn(
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
  { picture, minSide }: Limits,
): Region {
  const raw = {
    frame: 'coarse',
    x: Math.max(0, Math.min(from.x, to.x)),
    y: Math.max(0, Math.min(from.y, to.y)),
    width: Math.abs(to.x - from.x),
    height: Math.abs(to.y - from.y),
  } as const;
  return growInside(moveInside(raw, picture), picture, minSide);
}

/** Where a region starts that nobody drew yet: the middle third. */
export function middle({ picture, minSide }: Limits): Region {
  const { width, height } = picture;
  const third = {
    frame: 'coarse',
    x: width / 3,
    y: height / 3,
    width: width / 3,
    height: height / 3,
  } as const;
  return growInside(third, picture, minSide);
}

/** @returns start and length after one edge moved by `delta` */
function stretch(
  start: number,
  length: number,
  isStart: boolean,
  delta: number,
  limit: number,
  minSide: number,
): [number, number] {
  const least = Math.min(minSide, limit);
  const end = start + length;
  if (isStart) {
    const moved = Math.min(Math.max(start + delta, 0), end - least);
    return [Math.max(0, moved), end - Math.max(0, moved)];
  }
  const moved = Math.max(Math.min(end + delta, limit), start + least);
  return [start, Math.min(moved, limit) - start];
}
