/**
 * Checkpoints that were taught the two looks. Nothing in their own files tells them from the model
 * they were made of: they are known by their name, or by a manifest of ours, which has `prompts`
 * and `replies` of its own.
 */
import type { ModelProfile } from '../../core/contracts/profile.ts';
import prompts from './prompts.json';

/** The last part of the id, so that a mirror's or a person's own copy counts. */
const ERGO = /^ergo-7b\b/i;

/** ERGO (arXiv 2509.21991): its own format, and the budgets of its code (N = 1280, no least crop). */
export function taughtTags(profile: ModelProfile): ModelProfile {
  if (!ERGO.test(profile.id.split('/').at(-1) ?? '')) return profile;
  return {
    ...profile,
    replies: 'tags',
    prompts: prompts.tags,
    budgets: { ...profile.budgets, coarse: 1280, crop: 1280 },
    region: { minSide: 84, margin: 0 },
    maxNewTokens: 1024,
  };
}
