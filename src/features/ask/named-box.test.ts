import { expect, it } from 'vitest';
import { regionOfReply } from '../../core/policies/choose-region.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import type { RunState } from '../../core/run/fold.ts';
import { namedBox, whyLarger } from './named-box.ts';

const coarse = { width: 280, height: 224 };
const original = { width: 2800, height: 2240 };

function runOf(reply: string, margin: number): Pick<RunState, 'predicted' | 'regions'> {
  const profile = { ...TINY_PROFILE, region: { minSide: 48, margin } };
  const { predicted, chosen } = regionOfReply(reply, coarse, original, profile, 256);
  return {
    predicted: { ...predicted, at: 0 },
    regions: chosen.map((one) => ({ ...one, at: 0 })),
  };
}

it('is the box as it was named, in order and inside the picture', () => {
  const run = runOf('<zoom>[180, 20, 80, 300]</zoom>', 0.05);
  expect(namedBox(run, TINY_PROFILE, coarse)).toEqual({
    frame: 'coarse',
    x: 80,
    y: 20,
    width: 100,
    height: 204,
  });
});

it('is not shown where the region is no larger, there is none, there are two, or a hand drew it', () => {
  const grown = runOf('<zoom>[80, 20, 180, 120]</zoom>', 0.05);
  expect(namedBox(grown, TINY_PROFILE, coarse)).not.toBeNull();
  const same = runOf('<zoom>[80, 20, 180, 120]</zoom>', 0);
  expect(namedBox(same, TINY_PROFILE, coarse)).toBeNull();
  expect(namedBox(runOf('<zoom>nowhere</zoom>', 0.05), TINY_PROFILE, coarse)).toBeNull();
  const [region] = grown.regions;
  if (!region) throw new Error('There is a region.');
  const two = { ...grown, regions: [region, region] };
  expect(namedBox(two, TINY_PROFILE, coarse)).toBeNull();
  const drawn = { ...grown, regions: [{ ...region, source: 'hand' as const }] };
  expect(namedBox(drawn, TINY_PROFILE, coarse)).toBeNull();
});

it('says by how much, where there is a margin', () => {
  const profile = { ...TINY_PROFILE, name: 'Tiny' };
  expect(whyLarger({ ...profile, region: { minSide: 48, margin: 0.05 } })).toContain(
    'the box that Tiny named. It is cut larger, 5 % of its side on every side, because',
  );
  expect(whyLarger({ ...profile, region: { minSide: 48, margin: 0 } })).not.toContain('%');
});
