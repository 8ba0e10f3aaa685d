/** The box as the model named it, beside the larger one that was cut. */
import type { ModelProfile } from '../../core/contracts/profile.ts';
import { fromModelCorners } from '../../core/geometry/frames.ts';
import { repairRegion } from '../../core/geometry/region.ts';
import type { Box, Size } from '../../core/geometry/size.ts';
import type { RunState } from '../../core/run/fold.ts';

/**
 * In order and inside the picture, not grown; null where the region is no larger, is drawn by hand,
 * or where there are several.
 */
export function namedBox(
  { predicted, regions }: Pick<RunState, 'predicted' | 'regions'>,
  { coordinates }: ModelProfile,
  coarse: Size,
): Box<'coarse'> | null {
  const [region, ...others] = regions;
  if (!predicted?.corners || region?.source !== 'model' || others.length > 0) return null;
  const written = fromModelCorners(predicted.corners, coordinates, coarse);
  const named = repairRegion(written, coarse, { minSide: 0, margin: 0 });
  if (!named.usable) return null;
  const { width, height } = named.region;
  const isGrown = region.coarse.width > width + 0.5 || region.coarse.height > height + 0.5;
  return isGrown ? named.region : null;
}

/** Why the region is larger than its box, one sentence. */
export function whyLarger({ name, region }: ModelProfile): string {
  const margin =
    region.margin > 0 ? `${Math.round(100 * region.margin)} % of its side on every side, ` : '';
  return `Dashed: the box that ${name} named. It is cut larger, ${margin}because a box may be a little off, and never below a least size.`;
}
