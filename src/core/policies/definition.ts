/** What a policy says of itself, beside the policy (habit: squoosh `meta.ts`). */
import type { PolicyName } from '../run/events.ts';
import type { Policy } from './policy.ts';

export interface PolicyDefinition {
  readonly name: PolicyName;
  /** A few words, for a choice. */
  readonly label: string;
  /** One sentence, for whoever has to choose. */
  readonly description: string;
  readonly run: Policy;
}
