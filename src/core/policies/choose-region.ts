/** From what the model wrote to the region that is cut: parse, repair, convert. Pure. */
import type { ModelProfile } from '../contracts/profile.ts';
import {
  coarseToOriginal,
  fitsConvention,
  fromModelCorners,
  originalToCoarse,
  type Corners,
} from '../geometry/frames.ts';
import {
  moveInside,
  repairRegion,
  type RegionOutcome,
  type RegionRepair,
} from '../geometry/region.ts';
import { smartResize } from '../geometry/resize.ts';
import type { Box, Size } from '../geometry/size.ts';
import { ErgoError } from '../errors.ts';
import { parseBoxes, type BoxReading } from '../protocol/boxes.ts';
import { regionsToCut } from './places.ts';
import type { Notice, RegionSource, RunEventOf } from '../run/events.ts';

type Chosen = Omit<RunEventOf<'region-chosen'>, 'at'>;
type Predicted = Omit<RunEventOf<'region-predicted'>, 'at'>;

export interface Prediction {
  readonly predicted: Predicted;
  /** Empty if there is no usable region. Several share the budget of a crop equally. */
  readonly chosen: readonly Chosen[];
  readonly notices: readonly Notice[];
}

/**
 * @param coarse size at which the model saw the whole picture
 * @param budget vision tokens of a crop
 */
export function regionOfReply(
  reply: string,
  coarse: Size,
  original: Size,
  profile: ModelProfile,
  budget: number,
): Prediction {
  const request = parseBoxes(reply);
  const corners = request?.corners ?? null;
  const outcome = corners && outcomeOf(corners, coarse, profile);
  if (!outcome?.usable) {
    const message = `${WHY_UNUSABLE[outcome?.reason ?? 'not-a-number']}; it answers from the coarse view alone.`;
    return {
      predicted: { type: 'region-predicted', corners, region: null, repairs: [] },
      chosen: [],
      notices: [{ code: 'region-fallback', message }],
    };
  }
  const { region, repairs } = outcome;
  const notices: Notice[] = [];
  const places = (request?.places ?? []).flatMap((place) => {
    const one = outcomeOf(place, coarse, profile);
    return one.usable ? [one.region] : [];
  });
  const [first = region, ...others] = places.length > 1 ? places : [region];
  const apart = regionsToCut([first, ...others], budget);
  // The hull of boxes gets its margin once, not with each of them.
  const regions = apart.length > 1 ? apart : [region];
  if (request && request.boxes > 1) {
    const message =
      regions.length > 1
        ? `The model named ${regions.length} places; each is looked at.`
        : whichOf(request);
    notices.push({ code: 'region-extra', message });
  }
  if (repairs.length > 0) {
    const message = `The region was repaired: ${repairs.map((repair) => REPAIRED[repair]).join(', ')}.`;
    notices.push({ code: 'region-repaired', message });
  }
  return {
    predicted: { type: 'region-predicted', corners, region, repairs },
    chosen: regions.map((one) => chosen(one, coarse, original, 'model')),
    notices,
  };
}

function outcomeOf(
  corners: Corners,
  coarse: Size,
  { coordinates, region }: ModelProfile,
): RegionOutcome<'coarse'> | { readonly usable: false; readonly reason: 'other-units' } {
  if (!fitsConvention(corners, coordinates)) return { usable: false, reason: 'other-units' };
  return repairRegion(fromModelCorners(corners, coordinates, coarse), coarse, region);
}

/**
 * A region drawn by hand, moved inside the picture and grown to the least side. It gets no margin:
 * that is for the error of a model.
 * @throws ErgoError `bad-request` if it holds no numbers
 */
export function regionOfHand(
  drawn: Box<'original'>,
  original: Size,
  profile: ModelProfile,
  coarseBudget: number,
): Chosen {
  const coarse = smartResize(original, { ...profile.image, maxTokens: coarseBudget });
  const inside = originalToCoarse(moveInside(drawn, original), original, coarse);
  const outcome = repairRegion(inside, coarse, { ...profile.region, margin: 0 });
  if (!outcome.usable) throw new ErgoError('bad-request', 'The drawn region is no rectangle.');
  return chosen(outcome.region, coarse, original, 'hand');
}

function chosen(region: Box<'coarse'>, coarse: Size, size: Size, source: RegionSource): Chosen {
  const original = coarseToOriginal(region, coarse, size);
  return { type: 'region-chosen', coarse: region, original, source };
}

const REPAIRED: Record<RegionRepair, string> = {
  inverted: 'corners put in order',
  clipped: 'cut to the picture',
  grown: 'grown to the least size',
};

const WHY_UNUSABLE = {
  'not-a-number': 'The model named no region',
  outside: 'The model named a region outside the picture',
  'other-units': 'The model named a region in other units than those of its family',
} as const;

function whichOf({ corners, boxes, choice }: BoxReading): string {
  const used = `[${corners.join(', ')}]`;
  return choice === 'union'
    ? `The model named ${boxes} regions; ${used}, which holds them all, is used.`
    : `The model named ${boxes} regions; the ${choice}, ${used}, is used.`;
}
