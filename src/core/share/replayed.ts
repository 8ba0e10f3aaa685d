/** A saved run as the door for scripts tells it: every event, then the report. */
import type { AutomationEvent } from '../contracts/automation.ts';
import { toWire } from '../errors.ts';
import { foldRun, reportOf } from '../run/fold.ts';
import { parseSavedRun } from './read.ts';
import { withPreviews } from './saved-run.ts';

/**
 * @param text of a file
 * @returns ends with `report`, one for each run; or `failed`, where the file cannot be read
 */
export function replayed(text: string): AutomationEvent[] {
  try {
    return parseSavedRun(text).runs.flatMap(({ events: saved }) => {
      const events = withPreviews(saved);
      const report = reportOf(foldRun(events));
      const told = events.map((event): AutomationEvent => ({ type: 'run', event }));
      return report ? [...told, { type: 'report', report } as const] : told;
    });
  } catch (thrown) {
    return [{ type: 'failed', error: toWire(thrown) }];
  }
}
