import { describe, expect, it } from 'vitest';
import { hasCode } from '../errors.ts';
import {
  coarseToOriginal,
  cropToOriginal,
  fromModelCorners,
  originalToCoarse,
  toModelCorners,
} from './frames.ts';
import { repairRegion } from './region.ts';
import { fillBudget, nativeTokens, smartResize } from './resize.ts';
import { box } from './size.ts';

const limits = { pixelsPerToken: 28, minTokens: 4, maxTokens: 640 };

describe('smartResize', () => {
  it('keeps a picture within the budget near its own size', () => {
    expect(smartResize({ width: 500, height: 300 }, limits)).toEqual({
      width: 504,
      height: 308,
      grid: { rows: 11, columns: 18 },
      tokens: 198,
    });
  });

  it('rounds halves to even, like the Python runtime', () => {
    expect(smartResize({ width: 70, height: 98 }, limits).grid).toEqual({ rows: 4, columns: 2 });
  });

  it('gives exactly a square budget for a square picture', () => {
    for (let side = 400; side < 6000; side += 7) {
      expect(smartResize({ width: side, height: side }, { ...limits, maxTokens: 144 }).tokens).toBe(
        144,
      );
    }
  });

  it('never exceeds the budget, whatever the shape', () => {
    for (let width = 1; width < 5000; width = Math.ceil(width * 1.37)) {
      for (let height = 1; height < 5000; height = Math.ceil(height * 1.31)) {
        if (Math.max(width, height) > 200 * Math.min(width, height)) continue;
        for (const budget of [1, 3, 64, 100, 640, 1280]) {
          const shown = smartResize({ width, height }, { ...limits, maxTokens: budget });
          const filled = fillBudget({ width, height }, { pixelsPerToken: 28, budget });
          expect(shown.tokens).toBeLessThanOrEqual(budget);
          expect(filled.tokens).toBeLessThanOrEqual(budget);
          expect(Math.min(shown.grid.rows, shown.grid.columns)).toBeGreaterThanOrEqual(1);
        }
      }
    }
  });

  it('grows a tiny picture to the least number of tokens', () => {
    expect(smartResize({ width: 1, height: 1 }, limits).tokens).toBe(4);
  });

  it('refuses an aspect ratio above 200', () => {
    expect(() => smartResize({ width: 4001, height: 20 }, limits)).toThrow(
      expect.toSatisfy((error: unknown) => hasCode(error, 'image-aspect')),
    );
  });
});

describe('fillBudget', () => {
  it('leaves nothing of the budget to a rounding error of the shape', () => {
    const filled = fillBudget({ width: 902, height: 900 }, { pixelsPerToken: 28, budget: 196 });
    expect(filled.grid).toEqual({ rows: 14, columns: 14 });
  });

  it('enlarges a small region to its whole budget', () => {
    expect(fillBudget({ width: 120, height: 120 }, { pixelsPerToken: 28, budget: 100 })).toEqual({
      width: 280,
      height: 280,
      grid: { rows: 10, columns: 10 },
      tokens: 100,
    });
  });
});

it('counts the native tokens without a cap', () => {
  expect(nativeTokens({ width: 4000, height: 3000 }, 28)).toBe(143 * 107);
});

describe('frames', () => {
  const coarse = { width: 336, height: 336 };
  const original = { width: 2016, height: 2016 };

  it('scales a coarse region to the original and back', () => {
    const region = coarseToOriginal(box('coarse', 10, 20, 40, 50), coarse, original);
    expect(region).toEqual(box('original', 60, 120, 240, 300));
    expect(originalToCoarse(region, original, coarse)).toEqual(box('coarse', 10, 20, 40, 50));
  });

  it('rounds edges outwards and stays inside the picture', () => {
    const odd = { width: 1001, height: 999 };
    const region = coarseToOriginal(box('coarse', 300.5, 0.2, 35.5, 3), coarse, odd);
    expect(region.x + region.width).toBe(1001);
    expect(region.y).toBe(0);
    expect(region.height).toBe(10);
  });

  it('reads and writes every convention', () => {
    const region = box('coarse', 84, 168, 42, 84);
    for (const convention of ['absolute-coarse-pixels', 'relative-1000', 'relative-1'] as const) {
      const corners = toModelCorners(region, convention, coarse);
      expect(fromModelCorners(corners, convention, coarse)).toEqual(region);
    }
  });

  it('places a box of a crop in the original', () => {
    const shown = box('original', 100, 200, 560, 560);
    expect(cropToOriginal(box('crop', 28, 28, 14, 14), shown, { width: 280, height: 280 })).toEqual(
      box('original', 156, 256, 28, 28),
    );
  });
});

describe('repairRegion', () => {
  const picture = { width: 336, height: 252 };
  const repaired = (x: number, y: number, width: number, height: number) =>
    repairRegion(box('coarse', x, y, width, height), picture, { minSide: 40, margin: 0 });

  it('leaves a good box alone', () => {
    expect(repaired(10, 20, 60, 50)).toEqual({
      usable: true,
      region: box('coarse', 10, 20, 60, 50),
      repairs: [],
    });
  });

  it('orders inverted corners', () => {
    expect(repaired(70, 70, -60, -50)).toMatchObject({
      region: box('coarse', 10, 20, 60, 50),
      repairs: ['inverted'],
    });
  });

  it('clips what lies outside', () => {
    expect(repaired(300, 200, 100, 100)).toMatchObject({
      region: box('coarse', 296, 200, 40, 52),
      repairs: ['clipped', 'grown'],
    });
  });

  it('grows a point to the least side and shifts it inside', () => {
    expect(repaired(0, 251, 0, 0)).toMatchObject({
      region: box('coarse', 0, 212, 40, 40),
      repairs: ['grown'],
    });
  });

  it('adds the margin on every side, before the least side counts', () => {
    const rules = { minSide: 40, margin: 0.25 };
    expect(repairRegion(box('coarse', 40, 20, 80, 20), picture, rules)).toEqual({
      usable: true,
      region: box('coarse', 20, 10, 120, 40),
      repairs: ['grown'],
    });
  });

  it('calls a box outside or without numbers unusable', () => {
    expect(repaired(400, 10, 20, 20)).toEqual({ usable: false, reason: 'outside' });
    expect(repaired(-20, 10, 20, 20)).toEqual({ usable: false, reason: 'outside' });
    expect(repaired(Number.NaN, 10, 20, 20)).toEqual({ usable: false, reason: 'not-a-number' });
  });
});
