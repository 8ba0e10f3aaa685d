/** The prompts under which a model is measured: a person's own, if there are some for it. */
import type { ModelProfile } from '../../core/contracts/profile.ts';
import { parsePrompts, withPrompts, type PromptChanges } from '../../core/protocol/prompts.ts';
import { keptPrompts } from '../prompts/kept-prompts.ts';

export interface OwnPrompts {
  /** Null: the model's own. */
  readonly prompts: PromptChanges | null;
  readonly profile: ModelProfile;
}

/** What cannot be read counts for nothing, as where the model is loaded. */
export function withOwnPrompts(profile: ModelProfile): OwnPrompts {
  try {
    const kept = keptPrompts(profile.id);
    if (kept === null) return { prompts: null, profile };
    const prompts = parsePrompts(kept);
    return { prompts, profile: withPrompts(profile, prompts) };
  } catch {
    return { prompts: null, profile };
  }
}
