/**
 * Positions of multimodal rotary embeddings (M-RoPE, arXiv 2409.12191, section 2.1) for histories
 * that mix text and pictures. Same results as training/runtime/mrope.py.
 */
import type { TokenGrid } from '../core/geometry/resize.ts';

/** Consecutive tokens of one kind: so many of text, or a picture's grid of merged tokens. */
export type Run = number | TokenGrid;

export interface Positions {
  /** [3, tokens] row-major: time, row and column of every token. */
  readonly values: BigInt64Array<ArrayBuffer>;
  readonly tokens: number;
  /** Position of whatever comes next. */
  readonly next: number;
}

/**
 * A text token has one position on all three axes. A picture's tokens share the time and count
 * rows and columns from there; what follows starts after the picture's longer side, not after its
 * number of tokens.
 * @param start position of the first token
 */
export function positionsOf(runs: readonly Run[], start: number): Positions {
  const tokens = runs.reduce<number>((sum, run) => sum + lengthOf(run), 0);
  const values = new BigInt64Array(3 * tokens);
  let at = 0;
  let next = start;
  const put = (time: number, row: number, column: number): void => {
    values[at] = BigInt(time);
    values[tokens + at] = BigInt(row);
    values[2 * tokens + at] = BigInt(column);
    at++;
  };
  for (const run of runs) {
    if (typeof run === 'number') {
      for (let i = 0; i < run; i++) put(next + i, next + i, next + i);
      next += run;
    } else {
      for (let i = 0; i < run.rows; i++) {
        for (let j = 0; j < run.columns; j++) put(next, next + i, next + j);
      }
      next += Math.max(run.rows, run.columns);
    }
  }
  return { values, tokens, next };
}

/** @returns [3, to - from], a copy */
export function slicePositions(positions: Positions, from: number, to: number): BigInt64Array {
  if (from === 0 && to === positions.tokens) return positions.values;
  const part = new BigInt64Array(3 * (to - from));
  for (let axis = 0; axis < 3; axis++) {
    const row = axis * positions.tokens;
    part.set(positions.values.subarray(row + from, row + to), axis * (to - from));
  }
  return part;
}

function lengthOf(run: Run): number {
  return typeof run === 'number' ? run : run.rows * run.columns;
}
