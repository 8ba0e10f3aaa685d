/** The cap of the baseline on this device: a look that fails half-way is no measure of anything. */
import type { ModelInfo } from '../contracts/model.ts';
import type { Budgets } from '../contracts/profile.ts';

/** Tokens of text around a picture: system turn, question, template. */
const AROUND = 1024;

/** Vision tokens that one picture may have, beside the text and the answer. */
export function pictureTokensHeld({ holds, profile }: ModelInfo): number {
  if (holds === undefined) return Infinity;
  return Math.max(1, Math.min(holds.picture, holds.context - AROUND - profile.maxNewTokens));
}

export function heldBudgets(info: ModelInfo, budgets: Budgets): Budgets {
  const fullResolution = Math.min(budgets.fullResolution, pictureTokensHeld(info));
  return { ...budgets, fullResolution };
}
