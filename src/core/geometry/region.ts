/**
 * The stated rule by which a box of a model becomes a region that can be cut (ERGO's own code
 * crashes on inverted or empty boxes and cuts slivers from tiny ones):
 * order the corners, clip to the picture, add the margin, grow to the least side about the centre,
 * shift inside.
 */
import { wholeBox, type Box, type Frame, type Size } from './size.ts';

export type RegionRepair = 'inverted' | 'clipped' | 'grown';

export type RegionOutcome<F extends Frame> =
  | { readonly usable: true; readonly region: Box<F>; readonly repairs: readonly RegionRepair[] }
  | { readonly usable: false; readonly reason: 'not-a-number' | 'outside' };

export interface RegionRules {
  /** Least side of a region in coarse pixels; never more than the picture's side. */
  readonly minSide: number;
  /** Added on every side of a box, as a fraction of its own: 0.05 makes it a tenth wider. */
  readonly margin: number;
  /**
   * The same of a crop that is asked for by name: what lies on the line between two is whole in
   * either. Default: 0.
   */
  readonly demandMargin?: number | undefined;
  /**
   * Tokens that a crop costs at least: a smaller region is enlarged to them, one between them and
   * the budget keeps its own resolution. Default: every region is enlarged to its whole budget.
   */
  readonly leastTokens?: number | undefined;
}

/**
 * @param raw any box, also with negative sides
 * @param picture size of the frame, in which `minSide` counts too
 */
export function repairRegion<F extends Frame>(
  raw: Box<F>,
  picture: Size,
  { minSide, margin }: RegionRules,
): RegionOutcome<F> {
  const edges = [raw.x, raw.y, raw.x + raw.width, raw.y + raw.height];
  if (!edges.every(Number.isFinite)) return { usable: false, reason: 'not-a-number' };
  const repairs: RegionRepair[] = [];
  const ordered = {
    frame: raw.frame,
    x: Math.min(raw.x, raw.x + raw.width),
    y: Math.min(raw.y, raw.y + raw.height),
    width: Math.abs(raw.width),
    height: Math.abs(raw.height),
  };
  if (raw.width < 0 || raw.height < 0) repairs.push('inverted');
  const clipped = clip(ordered, picture);
  if (clipped === null) return { usable: false, reason: 'outside' };
  if (clipped.width !== ordered.width || clipped.height !== ordered.height) repairs.push('clipped');
  const roomy = widen(clipped, picture, margin);
  const grown = growInside(roomy, picture, minSide);
  if (grown.width !== roomy.width || grown.height !== roomy.height) repairs.push('grown');
  return { usable: true, region: grown, repairs };
}

/** Adds a margin, a fraction of the box's own, on every side, then shifts the box into the picture. */
export function widen<F extends Frame>(from: Box<F>, picture: Size, margin: number): Box<F> {
  const wide = 1 + 2 * margin;
  return growTo(from, picture, { width: wide * from.width, height: wide * from.height });
}

/** Grows each side to at least `minSide` about its centre, then shifts the box into the picture. */
export function growInside<F extends Frame>(from: Box<F>, picture: Size, minSide: number): Box<F> {
  return growTo(from, picture, { width: minSide, height: minSide });
}

function growTo<F extends Frame>(from: Box<F>, picture: Size, least: Size): Box<F> {
  const [x, width] = growSide(from.x, from.width, picture.width, least.width);
  const [y, height] = growSide(from.y, from.height, picture.height, least.height);
  return { frame: from.frame, x, y, width, height };
}

/** Moves and, if it must, shrinks a box so that it lies in the picture. For regions drawn by hand. */
export function moveInside<F extends Frame>(from: Box<F>, picture: Size): Box<F> {
  const width = Math.min(from.width, picture.width);
  const height = Math.min(from.height, picture.height);
  const x = Math.min(Math.max(from.x, 0), picture.width - width);
  const y = Math.min(Math.max(from.y, 0), picture.height - height);
  return { frame: from.frame, x, y, width, height };
}

/** As `intersection`, but a box without area (a point that the model named) is still inside. */
function clip<F extends Frame>(from: Box<F>, picture: Size): Box<F> | null {
  const outer = wholeBox(from.frame, picture);
  // As it is, because sums of fractions would make it look clipped.
  if (encloses(outer, from)) return from;
  const x = Math.max(from.x, 0);
  const y = Math.max(from.y, 0);
  const width = Math.min(from.x + from.width, outer.width) - x;
  const height = Math.min(from.y + from.height, outer.height) - y;
  const inside = width >= 0 && height >= 0 && x < outer.width && y < outer.height;
  // A box that only touches the border from outside shows nothing of the picture.
  const touches = (width === 0 && from.width > 0) || (height === 0 && from.height > 0);
  return inside && !touches ? { frame: from.frame, x, y, width, height } : null;
}

function encloses(outer: Size, { x, y, width, height }: Box): boolean {
  const isInside = x >= 0 && y >= 0 && x + width <= outer.width && y + height <= outer.height;
  return isInside && x < outer.width && y < outer.height;
}

function growSide(start: number, length: number, limit: number, least: number): [number, number] {
  const side = Math.min(Math.max(length, least), limit);
  const centred = start + length / 2 - side / 2;
  return [Math.min(Math.max(centred, 0), limit - side), side];
}
