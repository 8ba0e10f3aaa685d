/** The result of a check as it is kept beside a model: written by this version or an older one. */
import type { CheckResult } from '../../core/check/check.ts';
import type { StoredModel } from '../../models/store/library.ts';

/** @returns null where there is none, or none of this shape */
export function readCheck(stored: StoredModel | null | undefined): CheckResult | null {
  const note = stored?.notes['check'] as Partial<CheckResult> | undefined;
  const isWhole = Array.isArray(note?.boxes) && typeof note.meanIou === 'number';
  return isWhole ? (note as CheckResult) : null;
}
