import { describe, expect, it } from 'vitest';
import { box, type Size } from '../core/geometry/size.ts';
import fixtures from './fixtures.json' with { type: 'json' };
import { planResample } from './plan.ts';
import { patchify } from './patchify.ts';
import { createResampler } from './resample.ts';

type Shade = (x: number, y: number, channel: number) => number;

/** The picture of the fixtures. */
const pattern: Shade = (x, y, c) =>
  (x * 7 + y * 13 + c * 50 + ((x * y) % 251) + (Math.floor(x / 9) % 2) * 90) % 256;

function rows(shade: Shade, from: { x: number; y: number }, size: Size): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(size.width * size.height * 4).fill(255);
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++)
      for (let c = 0; c < 3; c++)
        rgba[(y * size.width + x) * 4 + c] = shade(from.x + x, from.y + y, c);
  return rgba;
}

/** Resizes in strips of about `strip` rows. */
function resize(shade: Shade, picture: Size, region: number[] | null, target: Size, strip = 16) {
  const [x1, y1, x2, y2] = region ?? [0, 0, picture.width, picture.height];
  const part = box('original', x1 ?? 0, y1 ?? 0, (x2 ?? 0) - (x1 ?? 0), (y2 ?? 0) - (y1 ?? 0));
  const plan = planResample(picture, part, target);
  const step = Math.ceil(strip / plan.reduce.y) * plan.reduce.y;
  const resampler = createResampler(plan, step);
  for (let y = 0; y < plan.read.height; y += step) {
    const height = Math.min(step, plan.read.height - y);
    const at = { x: plan.read.x, y: plan.read.y + y };
    resampler.room(height).set(rows(shade, at, { width: plan.read.width, height }));
    resampler.push(height);
  }
  return resampler.finish();
}

function withoutAlpha(rgba: Uint8ClampedArray): number[] {
  return [...rgba].filter((_, index) => index % 4 !== 3);
}

describe('resampling', () => {
  it.each(fixtures.resize)('equals Pillow: $picture, box $box, to $target', (fixture) => {
    const [width = 0, height = 0] = fixture.picture;
    const [columns = 0, lines = 0] = fixture.target;
    const target = { width: columns, height: lines };
    const result = resize(pattern, { width, height }, fixture.box, target);
    expect(withoutAlpha(result)).toEqual([...Buffer.from(fixture.rgb, 'base64')]);
  });

  it('keeps no alias of a zone plate, whose rings are finer than the target can show', () => {
    const side = 900;
    const target = 100;
    // The frequency reaches half a cycle per source pixel at the border.
    const plate: Shade = (x, y) => {
      const radius = (x - side / 2) ** 2 + (y - side / 2) ** 2;
      return 127.5 + 127.5 * Math.cos((Math.PI / side) * radius);
    };
    const square = { width: side, height: side };
    const result = resize(plate, square, null, { width: target, height: target });
    let worst = 0;
    let squares = 0;
    for (let y = 0; y < target; y++) {
      for (let x = 0; x < target; x++) {
        // Beyond twice the target's Nyquist frequency everything has to be flat grey.
        if (Math.hypot(x - target / 2, y - target / 2) < target / 9) continue;
        const off = (result[(y * target + x) * 4] ?? 0) - 127.5;
        worst = Math.max(worst, Math.abs(off));
        squares += off * off;
      }
    }
    // The average before the filter leaks a little (in Pillow too); taking every ninth pixel
    // would leave 127.5 and 90.
    expect(worst).toBeLessThan(24);
    expect(Math.sqrt(squares / target ** 2)).toBeLessThan(4);
  });
});

describe('patchify', () => {
  it('equals the Python model down to the last bit', () => {
    const size = { width: 56, height: 28, grid: { rows: 1, columns: 2 }, tokens: 2 };
    const rules = {
      patchSize: 14,
      mergeSize: 2,
      temporalPatchSize: 2,
      pixelsPerToken: 28,
      mean: [0.48145466, 0.4578275, 0.40821073],
      std: [0.26862954, 0.26130258, 0.27577711],
      minTokens: 4,
      maxTokens: 16384,
    } as const;
    const patches = patchify(rows(pattern, { x: 0, y: 0 }, size), size, rules);
    expect(patches.dims).toEqual(fixtures.patchify.dims);
    expect(patches.grid).toEqual([1, 2, 4]);
    const probed = fixtures.patchify.values.map(
      (_, index) => patches.data[index * fixtures.patchify.step],
    );
    expect(probed).toEqual(fixtures.patchify.values);
  });
});
