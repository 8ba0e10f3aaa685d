import { expect, it } from 'vitest';
import cases from '../protocol/cases.json' with { type: 'json' };
import { regionOfReply } from './choose-region.ts';
import { TINY_PROFILE } from './testing/tiny-profile.ts';
import { box } from '../geometry/size.ts';
import { regionsToCut } from './places.ts';

const sizeOf = ([width = 0, height = 0]: readonly number[]) => ({ width, height });
const at = (x: number, y: number, side = 50) => box('coarse', x, y, side, side);

it('one place is cut as it is', () => {
  expect(regionsToCut([at(10, 10)], 256)).toEqual([at(10, 10)]);
});

it('places far apart are cut each by itself', () => {
  const places = [at(0, 0), at(200, 150)] as const;
  expect(regionsToCut(places, 256)).toEqual(places);
});

it.each([
  ['beside each other', at(0, 0), at(50, 0)],
  ['over each other', at(0, 0), at(20, 20)],
  ['of which one holds most of the hull', at(0, 0, 200), at(210, 210, 10)],
])('places %s are seen no better apart, and stay together', (_, a, b) => {
  expect(regionsToCut([a, b], 256)).toHaveLength(1);
});

it('the hull holds all places', () => {
  expect(regionsToCut([at(20, 0), at(0, 20)], 256)).toEqual([box('coarse', 0, 0, 70, 70)]);
});

it('a crowd, and a budget that is too small to be shared, stay together', () => {
  const far = [at(0, 0, 10), at(300, 0, 10), at(0, 300, 10), at(300, 300, 10)] as const;
  expect(regionsToCut(far, 256)).toHaveLength(4);
  expect(regionsToCut(far, 128)).toHaveLength(1);
  expect(regionsToCut([...far, at(150, 150, 10)], 1280)).toHaveLength(1);
});

it.each(cases.places.cases)(
  '"$text" with $budget tokens, as in Python',
  ({ text, budget, regions }) => {
    const { view, picture } = cases.places;
    const { chosen } = regionOfReply(text, sizeOf(view), sizeOf(picture), TINY_PROFILE, budget);
    const corners = chosen.map(({ original: { x, y, width, height } }) => [
      x,
      y,
      x + width,
      y + height,
    ]);
    expect(corners).toEqual(regions);
  },
);
