/** Where things lie on a card. Pure arithmetic. */
import type { Size } from '../../../core/geometry/size.ts';

export interface Place extends Size {
  readonly x: number;
  readonly y: number;
}

export const CARD: Size = { width: 1200, height: 630 };
/** Holds the picture. */
export const STAGE: Place = { x: 36, y: 36, width: 664, height: 558 };
/** Holds the words. */
export const WORDS: Place = { x: 736, y: 36, width: 428, height: 558 };

/** Crops that are shown at most. */
export const MOST_CROPS = 4;
const GAP = 14;
/** Of the inset of a single crop, as a share of the stage. */
const INSET = 0.4;
/** Height of a row of several crops. */
const ROW = 158;

/** @param crops how many there are: several stand in a row below the picture */
export function pictureArea(crops: number): Place {
  return crops < 2 ? STAGE : { ...STAGE, height: STAGE.height - ROW - GAP };
}

/** The largest place of a shape inside another one, in its middle. */
export function contained(shape: Size, box: Place): Place {
  const scale = Math.min(box.width / shape.width, box.height / shape.height);
  const width = shape.width * scale;
  const height = shape.height * scale;
  return {
    x: box.x + (box.width - width) / 2,
    y: box.y + (box.height - height) / 2,
    width,
    height,
  };
}

/** A box of the original on the drawn picture; never too small to be seen. */
export function onPicture(box: Place, original: Size, picture: Place): Place {
  const least = 18;
  const sx = picture.width / original.width;
  const sy = picture.height / original.height;
  const width = Math.max(least, box.width * sx);
  const height = Math.max(least, box.height * sy);
  const x = picture.x + (box.x + box.width / 2) * sx - width / 2;
  const y = picture.y + (box.y + box.height / 2) * sy - height / 2;
  return {
    width,
    height,
    x: Math.min(Math.max(x, picture.x), picture.x + picture.width - width),
    y: Math.min(Math.max(y, picture.y), picture.y + picture.height - height),
  };
}

/**
 * Where crops are shown: a single one over the picture, in the corner that hides least of what its
 * frame shows; several in a row below it.
 * @param crops their sizes
 * @param frames on the picture
 * @param picture as it is drawn
 */
export function insetsOf(
  crops: readonly Size[],
  frames: readonly Place[],
  picture: Place,
): readonly Place[] {
  const shown = crops.slice(0, MOST_CROPS);
  const [only] = shown;
  if (!only) return [];
  if (shown.length > 1) return rowOf(shown);
  const { width, height } = contained(only, {
    x: 0,
    y: 0,
    width: STAGE.width * INSET,
    height: STAGE.height * INSET,
  });
  const { x, y, ...area } = areaOf(picture);
  const corners = [x + GAP, x + area.width - GAP - width].flatMap((left) =>
    [y + GAP, y + area.height - GAP - height].map((top) => ({ x: left, y: top, width, height })),
  );
  const hidden = (inset: Place): number =>
    frames.reduce((sum, frame) => sum + common(inset, frame), 0);
  const distance = (inset: Place): number =>
    Math.min(...frames.map((frame) => between(inset, frame)));
  return [
    corners.reduce((best, inset) => {
      const [a, b] = [hidden(inset), hidden(best)];
      return a < b || (a === b && distance(inset) > distance(best)) ? inset : best;
    }),
  ];
}

/** As large as the row lets all of them be, in its middle. */
function rowOf(crops: readonly Size[]): readonly Place[] {
  const shapes = crops.map(({ width, height }) => width / height);
  const room = STAGE.width - GAP * (crops.length - 1);
  const height = Math.min(ROW, room / shapes.reduce((sum, shape) => sum + shape, 0));
  const total = height * shapes.reduce((sum, shape) => sum + shape, 0) + STAGE.width - room;
  let x = STAGE.x + (STAGE.width - total) / 2;
  const y = STAGE.y + STAGE.height - ROW + (ROW - height) / 2;
  return shapes.map((shape) => {
    const place = { x, y, width: height * shape, height };
    x += place.width + GAP;
    return place;
  });
}

/** The picture itself where it fills the stage; beside a narrow or a flat one there is room. */
function areaOf(picture: Place): Place {
  const isWide = picture.width > 0.8 * STAGE.width;
  const isTall = picture.height > 0.8 * STAGE.height;
  return {
    x: isWide ? picture.x : STAGE.x - GAP,
    width: isWide ? picture.width : STAGE.width + 2 * GAP,
    y: isTall ? picture.y : STAGE.y - GAP,
    height: isTall ? picture.height : STAGE.height + 2 * GAP,
  };
}

function common(a: Place, b: Place): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

function between(a: Place, b: Place): number {
  return Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2);
}
