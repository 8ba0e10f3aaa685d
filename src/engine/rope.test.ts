import { describe, expect, it } from 'vitest';
import { modelFolder, readGolden, readJson } from '../../e2e/lib/golden.ts';
import { parseManifest } from '../models/manifest.ts';
import { positionsOf, slicePositions, type Run } from './rope.ts';

const axes = ({ values, tokens }: { values: BigInt64Array; tokens: number }) =>
  [0, 1, 2].map((axis) => Array.from(values.subarray(axis * tokens, (axis + 1) * tokens), Number));

describe('M-RoPE positions', () => {
  it('count text on all axes, a picture by rows and columns, and go on after its longer side', () => {
    const positions = positionsOf([2, { rows: 2, columns: 3 }, 1, { rows: 2, columns: 1 }, 1], 0);
    expect(axes(positions)).toEqual([
      [0, 1, 2, 2, 2, 2, 2, 2, 5, 6, 6, 8],
      [0, 1, 2, 2, 2, 3, 3, 3, 5, 6, 7, 8],
      [0, 1, 2, 3, 4, 2, 3, 4, 5, 6, 6, 8],
    ]);
    expect(positions.next).toBe(9);
  });

  it('are the same whether a history comes at once or in parts', () => {
    const runs: Run[] = [7, { rows: 5, columns: 4 }, 9, { rows: 3, columns: 8 }, 2];
    const whole = positionsOf(runs, 0);
    let next = 0;
    const parts = runs.map((run) => {
      const part = positionsOf([run], next);
      next = part.next;
      return axes(part);
    });
    expect([0, 1, 2].map((axis) => parts.flatMap((part) => part[axis] ?? []))).toEqual(axes(whole));
    expect(next).toBe(whole.next);
    const tokens = 11 - 3;
    expect(axes({ values: slicePositions(whole, 3, 11), tokens })).toEqual(
      axes(whole).map((axis) => axis.slice(3, 11)),
    );
  });

  const folder = modelFolder();
  it("equal the Python model's for its golden histories", () => {
    const { mergeSize } = parseManifest(readJson(folder, 'manifest.json')).image;
    for (const { inputIds, pictures, positionIds, nextPosition } of readGolden(folder).cases) {
      const positions = positionsOf(runsOf(inputIds, pictures, mergeSize), 0);
      expect(axes(positions)).toEqual(positionIds);
      expect(positions.next).toBe(nextPosition);
    }
  });
});

/** Splits ids at the placeholders, which are the only ids that repeat as often as a picture has tokens. */
function runsOf(
  ids: readonly number[],
  pictures: readonly { grid: readonly number[]; tokens: number }[],
  merge: number,
): Run[] {
  const runs: Run[] = [];
  let at = 0;
  for (const { grid, tokens } of pictures) {
    let start = at;
    while (!ids.slice(start, start + tokens).every((id) => id === ids[start])) start++;
    runs.push(start - at, { rows: (grid[1] ?? 0) / merge, columns: (grid[2] ?? 0) / merge });
    at = start + tokens;
  }
  return [...runs, ids.length - at];
}
