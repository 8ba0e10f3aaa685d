/** The language model: from a state to the state after more tokens. */
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { TextArchitecture } from '../core/contracts/profile.ts';
import { ErgoError, throwIfCancelled } from '../core/errors.ts';
import type { TokenGrid } from '../core/geometry/resize.ts';
import { createKvCache, type KvCache } from './kv-cache.ts';
import { positionsOf, slicePositions } from './rope.ts';
import { gatherRows, valuesOf, type Piece, type RowsDevice } from './rows.ts';

/** A history. States are values: extending one leaves it as it was, so keeping it is forking it. */
export interface State {
  readonly cache: KvCache;
  /** Tokens in the cache. */
  readonly length: number;
  /** Rotary position of the next token. */
  readonly position: number;
  /** [vocabulary], what follows the cache's last token; null if it is empty. */
  readonly logits: Float32Array | null;
  /** Generated tokens that have not been run through the decoder yet. */
  readonly pending: readonly number[];
  /** The last token, pending ones included; null at the start and after a picture. */
  readonly lastId: number | null;
}

export type Segment =
  | { readonly kind: 'text'; readonly ids: readonly number[] }
  | { readonly kind: 'picture'; readonly features: Tensor; readonly grid: TokenGrid };

export interface DecoderParts {
  readonly rows: RowsDevice;
  readonly embed: InferenceSession;
  readonly decoder: InferenceSession;
  readonly text: TextArchitecture;
  /** Tokens per call at most. */
  readonly chunk?: number | undefined;
}

export interface StepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Lets the event loop deliver a cancel between chunks. */
  readonly breathe?: (() => Promise<void>) | undefined;
}

/** Larger chunks gain nothing, and a cancel waits for the end of one. */
const CHUNK = 2048;
/** Attention scores of one chunk, which devices without flash attention hold in full. Bytes. */
const SCORE_BYTES = 96 * 1024 * 1024;

export interface Decoder {
  start(): State;
  /**
   * Runs pending tokens and segments.
   * @returns a state with a cache of its own; the old state stays valid
   * @throws ErgoError `cancelled` between chunks, and what onnxruntime throws
   */
  extend(state: State, segments: readonly Segment[], options?: StepOptions): Promise<State>;
}

export function createDecoder(parts: DecoderParts): Decoder {
  const { rows, embed, decoder, text, chunk = CHUNK } = parts;
  const { ort } = rows;
  const cacheNames = decoder.inputNames.filter((name) => name.startsWith('past_key_values.'));
  const keepsLast = decoder.inputNames.includes('num_logits_to_keep');
  let ones = new BigInt64Array();

  /** Emptied caches need no memory, but onnxruntime wants a tensor of the right type. */
  function emptyTensor(name: string): Tensor {
    const input = decoder.inputMetadata.find((candidate) => candidate.name === name);
    const dims = [1, text.keyValueHeads, 0, text.headSize];
    if (input?.isTensor && input.type === 'float16') {
      return new ort.Tensor('float16', new Uint16Array(), dims);
    }
    return new ort.Tensor('float32', new Float32Array(), dims);
  }

  function mask(length: number): Tensor {
    if (ones.length < length) ones = new BigInt64Array(2 * length).fill(1n);
    return new ort.Tensor('int64', ones.subarray(0, length), [1, length]);
  }

  async function embedIds(ids: readonly number[]): Promise<Tensor> {
    const values = BigInt64Array.from(ids, BigInt);
    const outputs = await embed.run({
      input_ids: new ort.Tensor('int64', values, [1, ids.length]),
    });
    return outputOf(outputs, 'inputs_embeds');
  }

  /** One call of the decoder over `count` tokens. */
  async function step(
    past: KvCache,
    length: number,
    embeds: Tensor,
    positions: BigInt64Array,
    count: number,
  ): Promise<{ cache: KvCache; logits: Float32Array }> {
    const feeds: Record<string, Tensor> = {
      inputs_embeds: embeds,
      attention_mask: mask(length + count),
      position_ids: new ort.Tensor('int64', positions, [3, 1, count]),
    };
    if (keepsLast) feeds['num_logits_to_keep'] = new ort.Tensor('int64', BigInt64Array.of(1n), []);
    cacheNames.forEach((name, i) => {
      const tensor = past.tensors[i];
      if (tensor) feeds[name] = tensor;
    });
    const outputs = await decoder.run(feeds);
    const present = cacheNames.map((name) =>
      outputOf(outputs, name.replace('past_key_values', 'present')),
    );
    const logits = valuesOf(outputOf(outputs, 'logits'));
    return {
      cache: createKvCache(present),
      logits: logits.slice(logits.length - text.vocabularySize),
    };
  }

  async function prefill(
    state: State,
    pieces: readonly Piece[],
    positions: ReturnType<typeof positionsOf>,
    { signal, breathe }: StepOptions,
  ): Promise<{ cache: KvCache; logits: Float32Array | null }> {
    let cache = state.cache.retain();
    let { length, logits } = state;
    try {
      for (let from = 0; from < positions.tokens;) {
        if (from > 0) await breathe?.();
        throwIfCancelled(signal);
        const count = Math.min(chunk, chunkSize(positions.tokens - from, length, text.heads));
        const embeds = gatherRows(rows, pieces, from, from + count);
        try {
          const part = slicePositions(positions, from, from + count);
          const next = await step(cache, length, embeds.tensor, part, count);
          cache.release();
          ({ cache, logits } = next);
        } finally {
          embeds.dispose();
        }
        length += count;
        from += count;
      }
      return { cache, logits };
    } catch (thrown) {
      cache.release();
      throw thrown;
    }
  }

  return {
    start: () => ({
      cache: createKvCache(cacheNames.map(emptyTensor)),
      length: 0,
      position: 0,
      logits: null,
      pending: [],
      lastId: null,
    }),

    async extend(state, segments, options = {}) {
      const waiting: Segment = { kind: 'text', ids: state.pending };
      const all = joinTexts([waiting, ...segments]);
      const positions = positionsOf(
        all.map((segment) => (segment.kind === 'text' ? segment.ids.length : segment.grid)),
        state.position,
      );
      const pieces: Piece[] = [];
      const made: Tensor[] = [];
      try {
        for (const segment of all) {
          if (segment.kind === 'picture') {
            pieces.push({
              tensor: segment.features,
              tokens: segment.grid.rows * segment.grid.columns,
            });
          } else {
            const tensor = await embedIds(segment.ids);
            made.push(tensor);
            pieces.push({ tensor, tokens: segment.ids.length });
          }
        }
        const { cache, logits } = await prefill(state, pieces, positions, options);
        return {
          cache,
          logits,
          length: state.length + positions.tokens,
          position: positions.next,
          pending: [],
          lastId: lastIdOf(all, state.lastId),
        };
      } finally {
        for (const tensor of made) tensor.dispose();
      }
    },
  };
}

/** A chunk shrinks as the history grows, so that its attention scores stay within their budget. */
export function chunkSize(left: number, past: number, heads: number): number {
  const widest = Math.floor(SCORE_BYTES / (4 * heads * (past + CHUNK)));
  return Math.min(left, CHUNK, Math.max(64, widest));
}

function joinTexts(segments: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    if (segment.kind === 'picture') joined.push(segment);
    else if (last?.kind === 'text') {
      joined[joined.length - 1] = { kind: 'text', ids: [...last.ids, ...segment.ids] };
    } else if (segment.ids.length > 0) joined.push(segment);
  }
  return joined;
}

function lastIdOf(segments: readonly Segment[], before: number | null): number | null {
  const last = segments.at(-1);
  if (!last) return before;
  return last.kind === 'text' ? (last.ids.at(-1) ?? null) : null;
}

export function outputOf(outputs: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const tensor = outputs[name];
  if (!tensor || !('dims' in tensor)) {
    throw new ErgoError('model-unsupported', `A graph of this model has no output ${name}.`);
  }
  return tensor;
}
