/** Nine dark pictures with one bright square each, at nine places. */
import { box, type Box, type Size } from '../geometry/size.ts';

/**
 * Whole tokens of 28 and of 32 pixels, so that no family resizes it; wider than high, so that a
 * model which mixes up its axes is found out.
 */
export const SQUARE_PICTURE: Size = { width: 672, height: 448 };
const SIDE = 96;
/** Left and upper edges: on no grid of tokens, and in no even steps. */
const LEFTS = [61, 293, 530];
const TOPS = [39, 171, 322];
/** Blue, green, red. */
const DARK = [25, 20, 20];
const BRIGHT = [230, 240, 240];
const HEADER = 54;

/** Row by row from the upper left. */
export const SQUARES: readonly Box<'original'>[] = TOPS.flatMap((top) =>
  LEFTS.map((left) => box('original', left, top, SIDE, SIDE)),
);

/** A BMP (24 bits a pixel): every browser reads it, and it can be written without a canvas. */
export function pictureOf(square: Box<'original'>): Blob {
  const { width, height } = SQUARE_PICTURE;
  const stride = 3 * width;
  const bytes = new Uint8Array(HEADER + stride * height);
  writeHeader(bytes);
  const dark = rowOf(width, () => DARK);
  const isIn = (x: number): boolean => x >= square.x && x < square.x + square.width;
  const mixed = rowOf(width, (x) => (isIn(x) ? BRIGHT : DARK));
  for (let y = 0; y < height; y++) {
    const row = y >= square.y && y < square.y + square.height ? mixed : dark;
    // Rows are stored from the bottom.
    bytes.set(row, HEADER + stride * (height - 1 - y));
  }
  return new Blob([bytes], { type: 'image/bmp' });
}

function rowOf(width: number, colourAt: (x: number) => readonly number[]): Uint8Array {
  return Uint8Array.from(Array.from({ length: width }, (_, x) => colourAt(x)).flat());
}

/** BITMAPFILEHEADER and BITMAPINFOHEADER. */
function writeHeader(bytes: Uint8Array<ArrayBuffer>): void {
  const { width, height } = SQUARE_PICTURE;
  const fields: [at: number, value: number][] = [
    [2, bytes.length],
    [10, HEADER],
    [14, 40],
    [18, width],
    [22, height],
    // One plane, 24 bits.
    [26, 1 | (24 << 16)],
    [34, bytes.length - HEADER],
  ];
  bytes.set([0x42, 0x4d]);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of fields) view.setUint32(at, value, true);
}
