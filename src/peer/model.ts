/**
 * The library behind the verbs of the engine, so that the same policies drive it. It keeps no
 * KV cache between calls of `generate`: contexts are texts, and each call runs all of them, pictures
 * included.
 */
import {
  BaseStreamer,
  InterruptableStoppingCriteria,
  type Tensor,
  type TextStreamer,
} from '@huggingface/transformers';
import type {
  Context,
  ContextId,
  EncodedPicture,
  EncodedPictureId,
  Extended,
  Generated,
  GenerateOptions,
  MemoryReport,
  ModelInfo,
  Part,
  TokenStep,
} from '../core/contracts/model.ts';
import type { PatchesRef } from '../core/contracts/pictures.ts';
import { ErgoError, throwIfCancelled } from '../core/errors.ts';
import { createQueue } from '../core/queue.ts';
import { createDetokenizer } from '../engine/detokenizer.ts';
import { engineError } from '../engine/errors.ts';
import { heapBytes } from '../engine/heap.ts';
import { createTable } from '../engine/table.ts';
import { NOTHING, withParts, type Conversation } from './conversation.ts';
import { join, type Library, type Processed } from './library.ts';

export interface PeerParts {
  readonly info: ModelInfo;
  readonly library: Library;
  /** Of graphs and weights. */
  readonly weightBytes: number;
  readonly take: (id: PatchesRef['id']) => Processed;
}

interface Tokens {
  readonly input_ids: Tensor;
  readonly attention_mask: Tensor;
}

interface State {
  readonly conversation: Conversation;
  /** Of the prompt; null after `generate` has made it longer. */
  readonly tokens: Tokens | null;
  /** Tokens that the next `generate` will prefill and that a call of `extend` has told of. */
  readonly told: number;
}

/** Methods as of VisionLanguageModel, but that `generate` tells its steps by a callback. */
export interface PeerModel {
  readonly info: ModelInfo;
  encode(patches: PatchesRef): EncodedPicture;
  extend(context: Context | null, parts: readonly Part[]): Extended;
  generate(
    context: Context,
    options: GenerateOptions,
    onStep: (step: TokenStep) => void,
  ): Promise<Generated>;
  fork(context: Context): Context;
  release(context: Context): void;
  releasePicture(picture: EncodedPicture): void;
  count(words: string): number;
  memory(): MemoryReport;
  /** Frees the sessions. */
  dispose(): Promise<void>;
}

export function createPeer({ info, library, weightBytes, take }: PeerParts): PeerModel {
  const { model, tokenizer } = library;
  const [turnEnd] = info.profile.stop;
  const idsOf = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false });
  const decode = (ids: readonly number[]): string =>
    ids.length === 0 ? '' : tokenizer.decode([...ids], { skip_special_tokens: false });
  const stopIds = info.profile.stop.flatMap((token) => {
    const ids = idsOf(token);
    return ids.length === 1 ? ids : [];
  });
  const tokenize = ({ prompt }: Conversation): Tokens =>
    tokenizer(prompt, { add_special_tokens: false });
  const contexts = createTable<ContextId, State>('context');
  const pictures = createTable<EncodedPictureId, Processed>('picture');
  const enqueue = createQueue();

  async function run(
    { conversation, tokens }: State,
    { maxNewTokens, signal }: GenerateOptions,
    onStep: (step: TokenStep) => void,
  ): Promise<Generated> {
    if (conversation.prompt === '') throw new ErgoError('bad-request', 'The context is empty.');
    const begin = performance.now();
    let first = begin;
    const ids: number[] = [];
    const detokenizer = createDetokenizer({
      encode: idsOf,
      decode,
      specials: [],
      idOf: () => null,
    });
    let text = '';
    const onToken = (id: number): void => {
      const index = ids.push(id) - 1;
      if (index === 0) first = performance.now();
      const isLast = stopIds.includes(id) || ids.length >= maxNewTokens;
      let fresh = stopIds.includes(id) ? '' : detokenizer.push(id);
      if (isLast) fresh += detokenizer.flush();
      text += fresh;
      // The library does not tell probabilities; a processor of logits could, at a price.
      onStep({ index, id, text: fresh, logProbability: Number.NaN, alternatives: [] });
    };
    const interruption = new InterruptableStoppingCriteria();
    const onAbort = (): void => interruption.interrupt();
    signal?.addEventListener('abort', onAbort, { once: true });
    const seen = conversation.pictures.map(({ id }) => pictures.get(id));
    try {
      await model.generate({
        ...(tokens ?? tokenize(conversation)),
        ...(seen.length > 0 && join(seen)),
        max_new_tokens: maxNewTokens,
        do_sample: false,
        eos_token_id: stopIds,
        stopping_criteria: interruption,
        // Its types ask for a TextStreamer, its code for a BaseStreamer.
        streamer: new TokenStreamer(onToken) as TokenStreamer & TextStreamer,
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    throwIfCancelled(signal);
    const last = ids.at(-1);
    return {
      text,
      tokenIds: ids,
      stop: last !== undefined && stopIds.includes(last) ? 'stop-token' : 'length',
      firstTokenMilliseconds: first - begin,
      decodeMilliseconds: performance.now() - first,
    };
  }

  return {
    info,
    encode(patches) {
      // The vision encoder runs inside `generate`, each time.
      const id = pictures.add(take(patches.id));
      return { id, kind: patches.kind, size: patches.size, milliseconds: 0 };
    },
    extend(context, parts) {
      const begin = performance.now();
      const before = context ? contexts.get(context.id) : { conversation: NOTHING, told: 0 };
      const conversation = withParts(before.conversation, parts, turnEnd);
      const tokens = tokenize(conversation);
      const length = tokens.input_ids.dims[1] ?? 0;
      const state = { conversation, tokens, told: length };
      const id = context?.id ?? contexts.add(state);
      contexts.set(id, state);
      return {
        context: { id },
        prefilled: length - before.told,
        reused: 0,
        length,
        milliseconds: performance.now() - begin,
      };
    },
    generate: (context, options, onStep) =>
      enqueue(async () => {
        const state = contexts.get(context.id);
        try {
          const result = await run(state, options, onStep);
          const { prompt, pictures } = state.conversation;
          const conversation = { prompt: prompt + decode(result.tokenIds), pictures };
          contexts.set(context.id, { conversation, tokens: null, told: 0 });
          return result;
        } catch (thrown) {
          throw engineError(thrown, 'run');
        }
      }, options.signal),
    // Nothing is computed, so nothing is shared.
    fork: (context) => ({ id: contexts.add({ ...contexts.get(context.id), told: 0 }) }),
    release: ({ id }) => void contexts.remove(id),
    releasePicture: ({ id }) => void pictures.remove(id),
    count: (words) => idsOf(words).length,
    memory: () => ({
      weights: weightBytes,
      keyValues: 0,
      pictures: pictures.values().reduce((sum, { pixels }) => sum + 4 * pixels.size, 0),
      wasmHeap: heapBytes(),
    }),
    async dispose() {
      await model.dispose();
    },
  };
}

/** Tells each generated token as it comes; the first call holds the prompt. */
class TokenStreamer extends BaseStreamer {
  private readonly onToken: (id: number) => void;
  private isPrompt = true;

  constructor(onToken: (id: number) => void) {
    super();
    this.onToken = onToken;
  }

  override put([ids = []]: bigint[][]): void {
    if (this.isPrompt) this.isPrompt = false;
    else for (const id of ids) this.onToken(Number(id));
  }

  override end(): void {}
}
