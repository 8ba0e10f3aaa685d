/**
 * How large a picture becomes for a budget of vision tokens. After Qwen's `smart_resize`
 * (qwen_vl_utils, factor 28), with the difference that a budget is never exceeded.
 */
import { ErgoError } from '../errors.ts';
import type { Size } from './size.ts';

/** Tokens after merging: one per `pixelsPerToken` square. */
export interface TokenGrid {
  readonly rows: number;
  readonly columns: number;
}

/** A size whose sides are whole multiples of the pixels per token. */
export interface ResizedSize extends Size {
  readonly grid: TokenGrid;
  /** rows x columns */
  readonly tokens: number;
}

/** Longer pictures are refused, as Qwen does. */
export const MAX_ASPECT = 200;

/**
 * Absorbs the rounding of sqrt and products, which would cost a whole row of an exact fit. The same
 * value as in Python: both sides have to agree on every size.
 */
const EPSILON = 1e-6;

/**
 * The size at which the model sees a whole picture: near its own size if that lies within the
 * budget, else reduced. Same arithmetic as `smart_resize` of training/runtime/imaging.py.
 * @throws ErgoError `image-aspect` if one side is more than 200 times the other,
 *   `bad-request` if a size or a budget makes no sense
 */
export function smartResize(
  size: Size,
  limits: { pixelsPerToken: number; minTokens: number; maxTokens: number },
): ResizedSize {
  const { pixelsPerToken, maxTokens } = limits;
  check(size, maxTokens);
  const minTokens = Math.min(limits.minTokens, maxTokens);
  const grid = nativeGrid(size, pixelsPerToken);
  if (tokensOf(grid) > maxTokens) return resized(shrunk(size, maxTokens), pixelsPerToken);
  if (tokensOf(grid) >= minTokens) return resized(grid, pixelsPerToken);
  const scale = scaleTo(size, minTokens);
  const grown = {
    rows: Math.ceil(size.height * scale - EPSILON),
    columns: Math.ceil(size.width * scale - EPSILON),
  };
  return resized(within(grown, maxTokens), pixelsPerToken);
}

/**
 * The largest size of (nearly) the same shape within a budget; grows or shrinks. Used for crops,
 * which are worth their whole budget: where rounding down left room for one more column or row,
 * and that comes nearer to the shape, it is taken.
 * @throws ErgoError as smartResize
 */
export function fillBudget(
  size: Size,
  { pixelsPerToken, budget }: { pixelsPerToken: number; budget: number },
): ResizedSize {
  check(size, budget);
  const { rows, columns } = shrunk(size, budget);
  const stretch = (grid: TokenGrid): number => {
    const ratio = (grid.columns * size.height) / (grid.rows * size.width);
    return Math.max(ratio, 1 / ratio);
  };
  const best = [
    { rows, columns: columns + 1 },
    { rows: rows + 1, columns },
  ]
    .filter((grid) => tokensOf(grid) <= budget)
    .reduce((a, b) => (stretch(b) < stretch(a) ? b : a), { rows, columns });
  return resized(best, pixelsPerToken);
}

/** Tokens of the picture at its own resolution, without any cap. */
export function nativeTokens(size: Size, pixelsPerToken: number): number {
  return tokensOf(nativeGrid(size, pixelsPerToken));
}

export function tokensOf(grid: TokenGrid): number {
  return grid.rows * grid.columns;
}

function nativeGrid(size: Size, pixelsPerToken: number): TokenGrid {
  return {
    rows: Math.max(1, roundHalfToEven(size.height / pixelsPerToken)),
    columns: Math.max(1, roundHalfToEven(size.width / pixelsPerToken)),
  };
}

/** Python's round, for positive numbers. */
function roundHalfToEven(value: number): number {
  const up = Math.round(value);
  return up - value === 0.5 && up % 2 === 1 ? up - 1 : up;
}

/** The whole budget, both sides rounded down. */
function shrunk(size: Size, budget: number): TokenGrid {
  const scale = scaleTo(size, budget);
  const rows = Math.max(1, Math.floor(size.height * scale + EPSILON));
  const columns = Math.max(1, Math.floor(size.width * scale + EPSILON));
  return within({ rows, columns }, budget);
}

/** Takes rows or columns off the longer side until the budget holds. */
function within({ rows, columns }: TokenGrid, budget: number): TokenGrid {
  if (rows >= columns) {
    return { rows: Math.min(rows, Math.max(1, Math.floor(budget / columns))), columns };
  }
  return { rows, columns: Math.min(columns, Math.max(1, Math.floor(budget / rows))) };
}

/** Tokens per pixel along one side that make a picture cost exactly `tokens`. */
function scaleTo(size: Size, tokens: number): number {
  return Math.sqrt(tokens / (size.width * size.height));
}

function resized(grid: TokenGrid, pixelsPerToken: number): ResizedSize {
  return {
    width: grid.columns * pixelsPerToken,
    height: grid.rows * pixelsPerToken,
    grid,
    tokens: tokensOf(grid),
  };
}

function check(size: Size, budget: number): void {
  const { width, height } = size;
  if (!(width >= 1 && height >= 1 && Number.isFinite(width * height))) {
    throw new ErgoError('bad-request', `A picture cannot measure ${width} x ${height} pixels.`);
  }
  if (!(budget >= 1)) {
    throw new ErgoError('bad-request', `A budget of ${budget} tokens shows nothing.`);
  }
  if (Math.max(width, height) > MAX_ASPECT * Math.min(width, height)) {
    throw new ErgoError('image-aspect', `${width} x ${height} is too long to be shown whole.`, {
      detail: { width, height },
    });
  }
}
