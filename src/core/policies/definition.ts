/** What a policy says of itself, beside the policy (habit: squoosh `meta.ts`). */
import type { PictureInfo } from '../contracts/pictures.ts';
import type { ModelProfile } from '../contracts/profile.ts';
import type { PolicyName } from '../run/events.ts';
import type { Policy, RunInput } from './policy.ts';

/**
 * The look with which every run about a picture begins: the system prompt, then the whole picture
 * at this size. It can be made before there is a question, and serves all questions.
 */
export interface Opening {
  readonly system: string;
  readonly kind: 'coarse' | 'full';
  /** Vision tokens at most. */
  readonly budget: number;
}

/** What is known of a run before its question. */
export interface Occasion {
  readonly picture: PictureInfo;
  readonly profile: ModelProfile;
  readonly input: Pick<RunInput, 'budgets' | 'looks' | 'hand'>;
}

export interface PolicyDefinition {
  readonly name: PolicyName;
  /** A few words, for a choice. */
  readonly label: string;
  /** One sentence, for whoever has to choose. */
  readonly description: string;
  /** Absent: the look is too large to be kept. Null: the model was not taught this. */
  readonly opening?: (occasion: Occasion) => Opening | null;
  readonly run: Policy;
}
