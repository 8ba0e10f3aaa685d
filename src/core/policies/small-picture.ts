/** Where looking twice saves nothing. Pure. */
import { smartResize } from '../geometry/resize.ts';
import type { Occasion } from './definition.ts';

/**
 * Tokens of one look at everything, if that shows every pixel and costs no more than a coarse view
 * and a crop that fills its budget; else null. A region drawn by hand is wanted for itself.
 */
export function tokensOfOneLook({ picture, profile, input }: Occasion): number | null {
  const { budgets, looks, hand } = input;
  if (looks === 'two' || hand) return null;
  const seenIn = (maxTokens: number): number =>
    smartResize(picture, { ...profile.image, maxTokens }).tokens;
  const whole = seenIn(budgets.fullResolution);
  const isWhole = picture.nativeTokens <= budgets.fullResolution;
  return isWhole && whole <= seenIn(budgets.coarse) + budgets.crop ? whole : null;
}
