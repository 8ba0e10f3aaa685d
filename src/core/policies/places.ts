/** Whether several places are cut each by itself, or as the one region that holds them all. Pure. */
import { area, type Box, type Frame } from '../geometry/size.ts';

/** More are a crowd, of which nothing would be seen well. */
const MOST = 4;
/** Tokens below which a crop shows nothing worth a look. */
const LEAST_TOKENS = 64;

/**
 * The tokens of one crop are shared out. Apart, each place gets an equal share; it is worth it where
 * even the largest of them is then seen in more detail (tokens per pixel) than in the hull. So close
 * or overlapping places stay together.
 * @param budget vision tokens of all crops together
 * @returns the regions to be cut; the budget is for all of them in equal shares
 */
export function regionsToCut<F extends Frame>(
  places: readonly [Box<F>, ...Box<F>[]],
  budget: number,
): readonly [Box<F>, ...Box<F>[]] {
  const share = Math.floor(budget / places.length);
  const hull = hullOf(places);
  const largest = Math.max(...places.map(area));
  const isSharper = share / largest > budget / area(hull);
  const isApart = places.length <= MOST && share >= LEAST_TOKENS && isSharper;
  return isApart ? places : [hull];
}

function hullOf<F extends Frame>(boxes: readonly [Box<F>, ...Box<F>[]]): Box<F> {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { frame: boxes[0].frame, x, y, width: right - x, height: bottom - y };
}
