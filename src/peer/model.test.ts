/** The policies over the library's verbs: which events come, and what counts as prefilled. */
import { Tensor } from '@huggingface/transformers';
import { describe, expect, it } from 'vitest';
import type { TokenStep, VisionLanguageModel } from '../core/contracts/model.ts';
import { coarseToFine } from '../core/policies/coarse-to-fine.ts';
import { scriptedPicture } from '../core/policies/testing/scripted.ts';
import { TINY_PROFILE } from '../core/policies/testing/tiny-profile.ts';
import type { RunEvent } from '../core/run/events.ts';
import { foldRun, reportOf } from '../core/run/fold.ts';
import type { Library, Processed } from './library.ts';
import { createPeer, type PeerModel } from './model.ts';

const LOCATE = '<think>left</think><zoom>[28, 56, 128, 156]</zoom>';
const ANSWER = '<answer>dog</answer>';
const END = '<|im_end|>';

/** Special tokens are one token, other text is one per character, as in the real tokenizer. */
const SPECIAL = /<\|[a-z_]+\|>|[^]/g;
const ALPHABET: string[] = [];
function idOf(token: string): number {
  const known = ALPHABET.indexOf(token);
  return known < 0 ? ALPHABET.push(token) - 1 : known;
}
const encode = (text: string): number[] => (text.match(SPECIAL) ?? []).map(idOf);
const decode = (ids: readonly number[]): string => ids.map((id) => ALPHABET[id] ?? '').join('');

interface Call {
  readonly input_ids: Tensor;
  readonly image_grid_thw?: Tensor;
  readonly eos_token_id: readonly number[];
  readonly streamer: { put(value: bigint[][]): void; end(): void };
}

function libraryThatWrites(replies: string[]): { library: Library; calls: Call[] } {
  const calls: Call[] = [];
  const tokenizer = Object.assign(
    (text: string) => {
      const ids = BigInt64Array.from(encode(text), BigInt);
      return { input_ids: new Tensor('int64', ids, [1, ids.length]) };
    },
    { encode, decode },
  );
  const generate = async (call: Call): Promise<void> => {
    calls.push(call);
    call.streamer.put(call.input_ids.tolist());
    for (const id of encode(replies.shift() ?? '')) call.streamer.put([[BigInt(id)]]);
    call.streamer.end();
  };
  return { calls, library: { model: { generate }, tokenizer } as unknown as Library };
}

/** As the worker's client does it. */
function remote(peer: PeerModel): VisionLanguageModel {
  return {
    info: peer.info,
    encode: async (patches) => peer.encode(patches),
    extend: async (context, parts) => peer.extend(context, parts),
    async *generate(context, options) {
      const steps: TokenStep[] = [];
      const result = await peer.generate(context, options, (step) => void steps.push(step));
      yield* steps;
      return result;
    },
    fork: async (context) => peer.fork(context),
    count: async (words) => peer.count(words),
    release: async (context) => peer.release(context),
    releasePicture: async (picture) => peer.releasePicture(picture),
    memory: async () => peer.memory(),
  };
}

const INFO = {
  profile: TINY_PROFILE,
  dtype: 'q8',
  device: {
    requested: 'wasm',
    used: 'wasm',
    adapter: null,
    fallback: false,
    fallbackReason: null,
    threads: 1,
  },
} as const;

/** Four patches of two values. */
function take(): Processed {
  return {
    pixels: new Tensor('float32', new Float32Array(8), [4, 2]),
    grid: new Tensor('int64', BigInt64Array.of(1n, 2n, 2n), [1, 3]),
  };
}

async function runOver(replies: string[]) {
  const { library, calls } = libraryThatWrites(replies);
  const peer = createPeer({ info: INFO, library, weightBytes: 1, take });
  const events: RunEvent[] = [];
  const picture = scriptedPicture({ width: 4000, height: 3000 });
  const input = { question: 'What?', options: [], budgets: TINY_PROFILE.budgets };
  const environment = { model: remote(peer), picture, now: () => 0 };
  for await (const event of coarseToFine.run(input, environment)) events.push(event);
  return { calls, events, peer };
}

describe('coarse to fine over the library', () => {
  it('yields the events of any run, and prefills the first look again in the second', async () => {
    const { calls, events, peer } = await runOver([LOCATE + END, ANSWER + END]);
    const types = events.map(({ type }) => type).filter((type) => type !== 'token');
    const look = 'stage-started picture-viewed picture-encoded prefilled generated stage-measured';
    expect(types.join(' ')).toBe(
      `run-started ${look} region-predicted region-chosen ${look} answered run-finished`,
    );
    const report = reportOf(foldRun(events));
    expect(report?.answer).toBe('dog');
    const [first, second] = calls.map(({ input_ids }) => input_ids.dims[1] ?? 0);
    expect(report?.stages.map(({ prefilled, reused }) => [prefilled, reused])).toEqual([
      [first, 0],
      [second, 0],
    ]);
    expect(second).toBeGreaterThan((first ?? 0) + encode(LOCATE + END).length);
    expect(calls.map(({ image_grid_thw }) => image_grid_thw?.dims)).toEqual([
      [1, 3],
      [2, 3],
    ]);
    expect(calls[1]?.eos_token_id).toContain(idOf(END));
    expect(peer.memory().pictures).toBe(0);
  });

  it('answers from the coarse view in a conversation of its own', async () => {
    const { calls, events } = await runOver([`nowhere${END}`, ANSWER + END]);
    expect(foldRun(events).notices.map(({ code }) => code)).toContain('region-fallback');
    const prompts = calls.map(({ input_ids }) => decode(input_ids.tolist().flat().map(Number)));
    expect(prompts[1]).not.toContain('nowhere');
    expect(prompts[1]).toContain('<|image_pad|>');
    const [, again] = reportOf(foldRun(events))?.stages ?? [];
    expect(again?.prefilled).toBe(calls[1]?.input_ids.dims[1]);
  });
});
