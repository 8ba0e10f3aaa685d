/** What a stage is at, in a few words. */
import type { StageState } from '../../core/run/fold.ts';

export function phaseOf({ views, visionTokens, prefill }: StageState): string {
  if (prefill) return 'Writing';
  if (visionTokens > 0) return 'Reading the question';
  return views.length > 0 ? 'Looking' : 'Cutting the picture';
}
