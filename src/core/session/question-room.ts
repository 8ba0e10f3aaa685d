/** How long a question may be: told before it is asked, so it is an estimate on the safe side. */
import type { ModelInfo } from '../contracts/model.ts';
import type { Budgets } from '../contracts/profile.ts';
import { MOST_LOOKS } from '../policies/search.ts';
import type { PolicyName } from '../run/events.ts';

/** Tokens of system prompts, templates and markers of one conversation; ours are shorter. */
const AROUND = 600;

interface Shape {
  /** How often the question stands in it. */
  readonly turns: number;
  readonly pictures: (budgets: Budgets) => number;
}

/** The longest conversation of each policy. */
const SHAPES: Readonly<Record<PolicyName, Shape>> = {
  'coarse-to-fine': { turns: 2, pictures: ({ coarse, crop }) => coarse + crop },
  'on-demand': {
    turns: 2,
    pictures: ({ coarse, demandCrop, fullResolution }) => coarse + (demandCrop ?? fullResolution),
  },
  search: { turns: 1 + MOST_LOOKS, pictures: ({ coarse, crop }) => coarse + MOST_LOOKS * crop },
  'full-resolution': { turns: 1, pictures: ({ fullResolution }) => fullResolution },
  'coarse-only': { turns: 1, pictures: ({ coarse }) => coarse },
};

/** @returns tokens of a question that are sure to fit */
export function questionRoom(
  { profile, holds }: ModelInfo,
  policy: PolicyName,
  budgets: Budgets,
): number {
  const { turns, pictures } = SHAPES[policy];
  const all = holds?.context ?? profile.contextTokens;
  const rest = all - AROUND - pictures(budgets) - turns * profile.maxNewTokens;
  return Math.max(0, Math.floor(rest / turns));
}
