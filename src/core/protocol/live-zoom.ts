/** The box while its coordinates are still being written, so that it can be drawn live. */
import { fromModelCorners, type CoordinateConvention } from '../geometry/frames.ts';
import type { Box, Size } from '../geometry/size.ts';

export interface ZoomReading {
  /** Coordinates that cannot change any more, in the order x1, y1, x2, y2. */
  readonly known: readonly number[];
  /** The coordinate that is being written: its later digits are missing. */
  readonly growing: number | null;
}

/** The ways to begin a box that boxes.ts reads, but for plain brackets. */
const OPENED =
  /(?:<zoom>|bbox_2d\\?["']?\s*[:=]|<parameter=bbox_2d>|<\|box_start\|>|<box>)\s*[[(]+/i;
/** Between two points: "(1,2),(3,4)". */
const BETWEEN = /[\])]\s*,?\s*[[(]/g;

/** @returns null before the bracket in which the first box begins */
export function readZoom(text: string): ZoomReading | null {
  const found = OPENED.exec(text);
  if (!found) return null;
  const rest = text.slice(found.index + found[0].length).replaceAll(BETWEEN, ',');
  const [inner = ''] = rest.split(/[\])<]/);
  const fields = inner.replaceAll(/["']/g, '').split(',').slice(0, 4);
  const numbers = fields.map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
  const firstBad = numbers.findIndex((value) => !Number.isFinite(value));
  const usable = firstBad < 0 ? numbers : numbers.slice(0, firstBad);
  const isClosed = inner.length < rest.length || usable.length < fields.length;
  if (isClosed) return { known: usable, growing: null };
  return { known: usable.slice(0, -1), growing: usable.at(-1) ?? null };
}

/**
 * What can be drawn of it: a point once x1 and y1 are known, then a line, then a box.
 * The far corner follows the digits, but never runs behind the near one.
 * @returns null while there is nothing to draw
 */
export function liveBox(
  reading: ZoomReading | null,
  convention: CoordinateConvention,
  coarse: Size,
): Box<'coarse'> | null {
  const [x1, y1, x2, y2] = reading?.known ?? [];
  if (x1 === undefined || y1 === undefined) return null;
  const growing = reading?.growing ?? -Infinity;
  const right = x2 ?? Math.max(growing, x1);
  const bottom = y2 ?? (x2 === undefined ? y1 : Math.max(growing, y1));
  return fromModelCorners([x1, y1, right, bottom], convention, coarse);
}
