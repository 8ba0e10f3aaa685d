/** The result of a check as it is kept beside a model: written by this version or an older one. */
import type { CheckResult } from '../../core/check/check.ts';
import type { StoredModel } from '../../models/store/library.ts';

/** @returns null where there is none, or none of this shape */
export function readCheck(stored: StoredModel | null | undefined): CheckResult | null {
  return wholeCheck(stored?.notes['check']);
}

export function wholeCheck(note: unknown): CheckResult | null {
  const given = note as Partial<CheckResult> | null | undefined;
  const isWhole = Array.isArray(given?.boxes) && typeof given.meanIou === 'number';
  return isWhole ? (given as CheckResult) : null;
}
