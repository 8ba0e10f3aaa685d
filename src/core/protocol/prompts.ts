/** Prompts of a person in place of a model's own: no build, no new manifest. */
import type { VisionLanguageModel } from '../contracts/model.ts';
import type { ModelProfile, Prompts } from '../contracts/profile.ts';
import { ErgoError } from '../errors.ts';
import { problemOf } from './placeholder.ts';
import { z } from '../zod.ts';

const system = z.string().optional();

/** A template that a question is put into. */
const asking = z
  .string()
  .superRefine((text, context) => {
    const message = problemOf(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .optional();

/** What is left out stays as it is. */
const promptChanges = z.strictObject({
  /** What the model writes: `tags` (<think>, <zoom>, <answer>) or `plain` text. */
  replies: z.enum(['tags', 'plain']).optional(),
  coarseToFine: z.strictObject({ system, locate: asking, answer: asking }).optional(),
  direct: z.strictObject({ system, answer: asking }).optional(),
  onDemand: z.strictObject({ system, first: asking, second: asking }).optional(),
  search: z.strictObject({ system, first: asking, again: asking, last: asking }).optional(),
});
export type PromptChanges = z.infer<typeof promptChanges>;

/**
 * @param json of a file or of a form
 * @throws ErgoError `bad-request`, with the places of the problems
 */
export function parsePrompts(json: unknown): PromptChanges {
  const result = promptChanges.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')} ${message}` : message,
  );
  throw new ErgoError('bad-request', `Prompts: ${problems.join('; ')}.`, { cause: result.error });
}

/** @throws ErgoError `bad-request` for half a way of asking that the model did not have */
export function withPrompts(profile: ModelProfile, changes: PromptChanges): ModelProfile {
  const { prompts } = profile;
  const onDemand = { system: '', ...prompts.onDemand, ...present(changes.onDemand) };
  const search = { system: '', ...prompts.search, ...present(changes.search) };
  if (changes.onDemand && !isWhole(onDemand, ['first', 'second'])) throw half(profile, 'onDemand');
  if (changes.search && !isWhole(search, ['first', 'again', 'last'])) throw half(profile, 'search');
  return {
    ...profile,
    replies: changes.replies ?? profile.replies,
    prompts: {
      ...prompts,
      coarseToFine: { ...prompts.coarseToFine, ...present(changes.coarseToFine) },
      direct: { ...prompts.direct, ...present(changes.direct) },
      ...(changes.onDemand && { onDemand: onDemand as NonNullable<Prompts['onDemand']> }),
      ...(changes.search && { search: search as NonNullable<Prompts['search']> }),
    },
  };
}

function isWhole(prompts: object, keys: readonly string[]): boolean {
  return keys.every((key) => key in prompts);
}

function half({ name }: ModelProfile, way: string): ErgoError {
  return new ErgoError('bad-request', `${name} has no prompts "${way}": all of them are needed.`);
}

/** The same model under other prompts; nothing of it is loaded again. */
export function prompted(model: VisionLanguageModel, changes: PromptChanges): VisionLanguageModel {
  return { ...model, info: { ...model.info, profile: withPrompts(model.info.profile, changes) } };
}

/** Without keys that are there and undefined. */
function present<T extends object>(
  changes: T | undefined,
): {
  [K in keyof T]: Exclude<T[K], undefined>;
} {
  const told = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told) as { [K in keyof T]: Exclude<T[K], undefined> };
}
