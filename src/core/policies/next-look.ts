/** Where a search looks next, or why it ends. Pure. */
import type { ModelProfile } from '../contracts/profile.ts';
import {
  coarseToOriginal,
  cropToOriginal,
  fitsConvention,
  fromModelCorners,
  originalToCoarse,
} from '../geometry/frames.ts';
import { moveInside, repairRegion } from '../geometry/region.ts';
import type { ResizedSize } from '../geometry/resize.ts';
import { box, overlap, wholeBox, type Box, type Size } from '../geometry/size.ts';
import type { ZoomCall } from '../protocol/tool-call.ts';

/** A look that was made: what of the original it showed, and how large the model saw it. */
export interface Look {
  readonly source: Box<'original'>;
  readonly size: ResizedSize;
}

export type NextLook =
  | { readonly type: 'look'; readonly original: Box<'original'>; readonly coarse: Box<'coarse'> }
  | { readonly type: 'end'; readonly why: 'repeated' | 'invalid' | 'limit' };

/** Regions that share this much of their union show the same. */
const SAME = 0.9;

/**
 * @param looks so far, the whole picture first; a call names one of them, and its corners are in
 *   the convention of the model's family, of that picture
 * @param most looks in all
 */
export function nextLook(
  { corners, picture }: ZoomCall,
  looks: readonly [Look, ...Look[]],
  most: number,
  original: Size,
  { coordinates, region: rules }: ModelProfile,
): NextLook {
  const shown = looks[picture];
  if (corners === null || !shown || !fitsConvention(corners, coordinates)) {
    return { type: 'end', why: 'invalid' };
  }
  const named = fromModelCorners(corners, coordinates, shown.size);
  const outcome = repairRegion(named, shown.size, rules);
  if (!outcome.usable) return { type: 'end', why: 'invalid' };
  const { x, y, width, height } = outcome.region;
  const exact = cropToOriginal(box('crop', x, y, width, height), shown.source, shown.size);
  const [{ size: coarse }] = looks;
  const inCoarse = originalToCoarse(moveInside(exact, original), original, coarse);
  const region = coarseToOriginal(inCoarse, coarse, original);
  if (looks.some(({ source }) => overlap(source, region) >= SAME)) {
    return { type: 'end', why: 'repeated' };
  }
  if (looks.length >= most) return { type: 'end', why: 'limit' };
  return { type: 'look', original: region, coarse: inCoarse };
}

/** For the first look. */
export function wholeLook(original: Size, size: ResizedSize): Look {
  return { source: wholeBox('original', original), size };
}
