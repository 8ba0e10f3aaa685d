/**
 * How fast a model is on the device it was loaded for, as the app uses it: each number comes as soon
 * as it is there, so that a run that is cut short leaves what it had. Runs in Node and in a page.
 */
import { quantile } from '../../core/bench/statistics.ts';
import type { Context, VisionLanguageModel } from '../../core/contracts/model.ts';
import type { PatchInbox } from '../inbox.ts';
import type { Levers } from '../vlm.ts';
import { encodeCase, forcedTokens } from './replay.ts';

export interface SpeedPlan {
  /** Vision tokens of pictures that are encoded and prefilled, one after the other. */
  readonly views: readonly number[];
  /** Tokens of history after which decoding is measured. */
  readonly after: readonly number[];
  /** Tokens per measurement of decoding. */
  readonly decode: number;
  /** Two looks of `cap` tokens against one of `full`; null: not asked. */
  readonly looks: { readonly cap: number; readonly full: number } | null;
}

/** One measurement. */
export interface SpeedStep {
  readonly step: 'encode' | 'prefill' | 'decode' | 'two looks' | 'one look' | 'ratio';
  /** Of the picture, the history, or the whole run; of `ratio` 0. */
  readonly tokens: number;
  readonly milliseconds: number;
  /** Tokens per second; of `ratio` how many times one look takes as long as two. */
  readonly rate: number;
}

/** Tokens that are written after a first look and with the answer (ERGO's are about as long). */
const THOUGHT = 60;
const ANSWER = 30;
const QUESTION = 'What is written on the tag of the dog in the lower left of the picture?';

/**
 * Warm: what has one size is run once before it is measured.
 * @throws ErgoError as the model does, e.g. `too-many-tokens` for a view that the device cannot hold
 */
export async function* measureSpeed(
  model: VisionLanguageModel,
  inbox: PatchInbox,
  { views, after, decode, looks }: SpeedPlan,
): AsyncGenerator<SpeedStep> {
  for (const tokens of views) {
    await (await look(model, inbox, null, tokens, 1)).release();
    const { encode, first, release } = await look(model, inbox, null, tokens, 1);
    await release();
    yield step('encode', tokens, encode);
    yield step('prefill', tokens, first);
  }
  for (const tokens of after) {
    const { context, length } = await history(model, tokens);
    await forcedTokens(model, context, 2);
    const begin = performance.now();
    await forcedTokens(model, context, decode);
    const milliseconds = performance.now() - begin;
    await model.release(context);
    yield { step: 'decode', tokens: length, milliseconds, rate: (1000 * decode) / milliseconds };
  }
  if (looks === null) return;
  const two = await timed(async () => {
    const one = await look(model, inbox, null, looks.cap, THOUGHT);
    await (await look(model, inbox, one.context, looks.cap, ANSWER)).release();
    await one.releasePicture();
  });
  yield step('two looks', 2 * looks.cap, two);
  const one = await timed(async () => {
    await (await look(model, inbox, null, looks.full, ANSWER)).release();
  });
  yield step('one look', looks.full, one);
  yield { step: 'ratio', tokens: 0, milliseconds: 0, rate: one / two };
}

function step(name: SpeedStep['step'], tokens: number, milliseconds: number): SpeedStep {
  return { step: name, tokens, milliseconds, rate: (1000 * tokens) / milliseconds };
}

/** Milliseconds. */
type Clock = () => number;
const WALL: Clock = () => performance.now();

async function timed(job: () => Promise<void>, clock = WALL): Promise<number> {
  const begin = clock();
  await job();
  return clock() - begin;
}

/** A picture and a question, and what is written then; `first`: milliseconds to the first token. */
async function look(
  model: VisionLanguageModel,
  inbox: PatchInbox,
  from: Context | null,
  tokens: number,
  written: number,
) {
  const picture = await encodeCase(model, inbox, pictureOf(model, tokens));
  const begin = performance.now();
  const { context } = await model.extend(from, [
    { type: 'picture', picture },
    { type: 'words', text: QUESTION },
  ]);
  // A prefill has been computed when something can be read of it.
  await forcedTokens(model, context, 1);
  const first = performance.now() - begin;
  if (written > 1) await forcedTokens(model, context, written - 1);
  const releasePicture = async (): Promise<void> => await model.releasePicture(picture);
  return {
    context,
    encode: picture.milliseconds,
    first,
    releasePicture,
    release: async () => {
      await model.release(context);
      await releasePicture();
    },
  };
}

/** Noise of the shape that is nearest to a square. */
function pictureOf({ info }: VisionLanguageModel, tokens: number) {
  const { image } = info.profile;
  let rows = Math.floor(Math.sqrt(tokens));
  while (tokens % rows !== 0) rows--;
  const grid: [1, number, number] = [1, rows * image.mergeSize, (tokens / rows) * image.mergeSize];
  const values = 3 * image.temporalPatchSize * image.patchSize ** 2;
  const patches = new Float32Array(grid[1] * grid[2] * values);
  for (let i = 0; i < patches.length; i++) patches[i] = ((i * 7919) % 997) / 500 - 1;
  const side = image.pixelsPerToken;
  return { patches, grid, width: (tokens / rows) * side, height: rows * side };
}

/** A text of about so many tokens; how many it has is told. */
export async function history(
  model: VisionLanguageModel,
  tokens: number,
): Promise<{ context: Context; length: number }> {
  const word = 'the dog is in the lower left, ';
  const trial = await model.extend(null, [{ type: 'words', text: word.repeat(8) }]);
  await model.release(trial.context);
  const count = Math.max(1, Math.round((8 * tokens) / trial.length));
  return await model.extend(null, [{ type: 'words', text: word.repeat(count) }]);
}

/** What a model is loaded with. */
export interface Setting {
  readonly validate?: boolean;
  readonly levers?: Partial<Levers>;
}

/** Each lever left out by itself, beside all of them. */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  'all levers': {},
  'validation on': { validate: true },
  'keys and values copied': { levers: { inPlace: false } },
  'token chosen in JavaScript': { levers: { chooseOnGpu: false } },
  'none of them': { validate: true, levers: { inPlace: false, chooseOnGpu: false } },
};

/** A model loaded with one of them. */
export interface Variant {
  readonly name: string;
  readonly model: VisionLanguageModel;
}

export interface LeverSample {
  readonly variant: string;
  readonly after: number;
  /** Median over the rounds, milliseconds a token. */
  readonly perToken: number;
  /** Of the first variant's time; the median of the ratios of each round. */
  readonly ratio: number;
}

/**
 * The variants take turns, so that their ratio survives a machine that does other work.
 * @param what `clock`: the wall's, unless a driver in software makes the process's own say more
 */
export async function compareVariants(
  variants: readonly Variant[],
  { after, rounds, clock = WALL }: { after: number; rounds: number; clock?: Clock },
): Promise<LeverSample[]> {
  const contexts: Context[] = [];
  for (const { model } of variants) {
    const { context } = await history(model, after);
    await forcedTokens(model, context, 2);
    contexts.push(context);
  }
  const times: number[][] = variants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { model }] of variants.entries()) {
      const context = contexts[i];
      if (!context) continue;
      times[i]?.push(await timed(async () => void (await forcedTokens(model, context, 4)), clock));
    }
  }
  for (const [i, { model }] of variants.entries()) {
    const context = contexts[i];
    if (context) await model.release(context);
  }
  const [base = []] = times;
  return variants.map(({ name }, i) => ({
    variant: name,
    after,
    perToken: (quantile(times[i] ?? [], 0.5) ?? NaN) / 4,
    ratio:
      quantile(
        (times[i] ?? []).map((time, round) => time / (base[round] ?? NaN)),
        0.5,
      ) ?? NaN,
  }));
}
