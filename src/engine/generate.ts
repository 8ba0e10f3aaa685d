/** The loop of generation, apart from any device. */
import type { Generated, GenerateOptions, TokenStep } from '../core/contracts/model.ts';
import { throwIfCancelled } from '../core/errors.ts';
import { MOST_ALTERNATIVES } from './chooser.ts';
import { createDetokenizer } from './detokenizer.ts';
import { createRandom, type Choice, type SamplingOptions } from './sampling.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface GenerationParts {
  readonly tokenizer: Tokenizer;
  readonly stopIds: ReadonlySet<number>;
  /** Chooses the next token and appends it to the context. */
  readonly next: (sampling: SamplingOptions, signal?: AbortSignal) => Promise<Choice>;
}

/** @throws ErgoError `cancelled` between tokens; those yielded are in the context by then */
export async function* generateTokens(
  { tokenizer, stopIds, next }: GenerationParts,
  options: GenerateOptions,
): AsyncGenerator<TokenStep, Generated, undefined> {
  const { signal, maxNewTokens, stopStrings = [] } = options;
  const begin = performance.now();
  let first = begin;
  const detokenizer = createDetokenizer(tokenizer);
  const longest = Math.max(0, ...stopStrings.map((text) => text.length));
  const sampling: SamplingOptions = {
    temperature: options.temperature ?? 0,
    random: createRandom(options.seed ?? Math.floor(Math.random() * 2 ** 32)),
    alternatives: Math.min(options.alternatives ?? 0, MOST_ALTERNATIVES),
  };
  const tokenIds: number[] = [];
  let text = '';
  let stop: Generated['stop'] | null = maxNewTokens > 0 ? null : 'length';
  while (stop === null) {
    throwIfCancelled(signal);
    const choice = await next(sampling, signal);
    const index = tokenIds.push(choice.id) - 1;
    if (index === 0) first = performance.now();
    let fresh = '';
    if (stopIds.has(choice.id)) stop = 'stop-token';
    else {
      fresh = detokenizer.push(choice.id);
      const tail = text.slice(Math.max(0, text.length - longest)) + fresh;
      if (stopStrings.some((wanted) => tail.includes(wanted))) stop = 'stop-string';
      else if (tokenIds.length >= maxNewTokens) stop = 'length';
    }
    if (stop !== null) fresh += detokenizer.flush();
    text += fresh;
    yield {
      index,
      id: choice.id,
      text: fresh,
      logProbability: choice.logProbability,
      alternatives: choice.alternatives.map((candidate) => ({
        ...candidate,
        text: tokenizer.decode([candidate.id]),
      })),
    };
  }
  return {
    text,
    tokenIds,
    stop,
    firstTokenMilliseconds: first - begin,
    decodeMilliseconds: performance.now() - first,
  };
}
