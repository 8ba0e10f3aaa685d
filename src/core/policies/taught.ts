/** Ways of looking that a model has to be taught: their prompts, their first look, their refusal. */
import type { Budgets, ModelProfile, Prompts } from '../contracts/profile.ts';
import { ErgoError } from '../errors.ts';
import type { PolicyName } from '../run/events.ts';
import type { Opening } from './definition.ts';

const PROMPTS: Partial<Record<PolicyName, keyof Prompts>> = {
  'on-demand': 'onDemand',
  search: 'search',
};

/** Was a model with these prompts taught this way of looking? Most ways need none. */
export function isTaught(policy: PolicyName, prompts: Prompts): boolean {
  const needed = PROMPTS[policy];
  return needed === undefined || prompts[needed] !== undefined;
}

/**
 * @param what it would have been taught, as in "to ask for crops"
 * @throws ErgoError `model-unsupported` without prompts
 */
export function taught<P>(prompts: P | undefined, { name }: ModelProfile, what: string): P {
  if (prompts !== undefined) return prompts;
  throw new ErgoError('model-unsupported', `${name} was not taught ${what}.`);
}

/** All of them begin with the coarse view; null where the model was not taught the way. */
export function openingTaught(
  prompts: { readonly system: string } | undefined,
  { coarse: budget }: Pick<Budgets, 'coarse'>,
): Opening | null {
  return prompts ? { system: prompts.system, kind: 'coarse', budget } : null;
}
