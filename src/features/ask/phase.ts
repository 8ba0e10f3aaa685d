/** What a stage is at, in a few words. */
import { count } from '../../ui/format.ts';
import type { StageState } from '../../core/run/fold.ts';

export function phaseOf({ views, visionTokens, prefill, reading }: StageState): string {
  if (prefill) return 'Writing';
  if (reading) return `Reading, ${count(reading.done)} of ${count(reading.total)} tokens`;
  if (visionTokens > 0) return 'Reading the question';
  return views.length > 0 ? 'Looking' : 'Cutting the picture';
}
