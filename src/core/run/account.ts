/** What a run spent in vision tokens, beside what a pass at full resolution would have. */
import type { StageMeasure } from './events.ts';
import type { TokenAccount } from './report.ts';

/**
 * Each view counts once, however often it was looked at (AwaRes' own code counts the small view
 * once per crop).
 * @param fullResolution tokens of the baseline under its cap
 */
export function tokenAccount(
  measures: readonly StageMeasure[],
  fullResolution: number,
): TokenAccount {
  const spent = (isCounted: (measure: StageMeasure) => boolean): number =>
    measures.filter(isCounted).reduce((sum, { visionTokens }) => sum + visionTokens, 0);
  return {
    coarse: spent(({ stage }) => stage === 'coarse'),
    crops: spent(({ stage }) => stage === 'crop'),
    total: spent(() => true),
    fullResolution,
  };
}
