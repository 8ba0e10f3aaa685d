/** The language model: from a state to the state after more tokens. */
import type * as Ort from 'onnxruntime-web';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { OnProgress } from '../core/contracts/model.ts';
import type { TextArchitecture } from '../core/contracts/profile.ts';
import { ErgoError, throwIfCancelled } from '../core/errors.ts';
import type { TokenGrid } from '../core/geometry/resize.ts';
import type { Caster } from './cast.ts';
import type { DecoderGraph, StateSpec } from './graph.ts';
import { floatTensor } from './half.ts';
import { lastRow } from './logits.ts';
import { positionsOf, slicePositions } from './rope.ts';
import { gatherRows, type Piece } from './rows.ts';
import { createRowsInPlace, type InPlaceParts } from './rows-in-place.ts';
import { createStates, type States } from './states.ts';

/** A history. States are values: extending one leaves it as it was, so keeping it is forking it. */
export interface State {
  readonly states: States;
  /** Tokens that have been run. */
  readonly length: number;
  /** Rotary position of the next token. */
  readonly position: number;
  /** Generated tokens that have not been run through the decoder yet. */
  readonly pending: readonly number[];
  /** The last token, pending ones included; null at the start and after a picture. */
  readonly lastId: number | null;
}

export type Segment =
  | { readonly kind: 'text'; readonly ids: readonly number[] }
  | { readonly kind: 'picture'; readonly features: Tensor; readonly grid: TokenGrid };

export interface DecoderParts {
  readonly ort: typeof Ort;
  /** Null on wasm. */
  readonly gpu: GPUDevice | null;
  readonly embed: InferenceSession;
  readonly decoder: InferenceSession;
  /** For graphs whose text embeddings are of another precision than the decoder's. */
  readonly caster: Caster;
  readonly graph: DecoderGraph;
  /** Where keys and values stay in place; null where the graph or the device gives new ones. */
  readonly inPlace: InPlaceParts | null;
  readonly text: TextArchitecture;
  /** Tokens per call at most. */
  readonly chunk?: number | undefined;
}

export interface StepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Lets the event loop deliver a cancel between chunks. */
  readonly breathe?: (() => Promise<void>) | undefined;
  /** Between chunks. */
  readonly onProgress?: OnProgress | undefined;
}

/** Larger chunks gain nothing, and a cancel waits for the end of one. */
const CHUNK = 2048;
/** Of graphs that give logits for every position: 254 MB of them in a vocabulary of 248,320. */
const CHUNK_WITH_ALL_LOGITS = 256;
/** Attention scores of one chunk, which devices without flash attention hold in full. Bytes. */
const SCORE_BYTES = 96 * 1024 * 1024;

export interface Decoder {
  start(): State;
  /**
   * Runs pending tokens and segments. Pictures are rows of the graph's type.
   * @returns a state with tensors of its own; the old state stays valid
   * @throws ErgoError `cancelled` between chunks, and what onnxruntime throws
   */
  extend(state: State, segments: readonly Segment[], options?: StepOptions): Promise<State>;
}

export function createDecoder(parts: DecoderParts): Decoder {
  const { ort, gpu, embed, decoder, caster, graph, inPlace, text } = parts;
  const rows = { ort, gpu, ...graph.rows };
  const chunk = Math.min(parts.chunk ?? CHUNK, graph.keepsLast ? CHUNK : CHUNK_WITH_ALL_LOGITS);
  const isInPlace = ({ grows }: StateSpec): boolean => inPlace !== null && grows;
  const renewed = graph.states.filter((spec) => !isInPlace(spec));
  const kept = graph.states.filter(isInPlace);
  let ones = new BigInt64Array();

  function emptyStates(): States {
    const tensors = renewed.map(({ input, type, dims }) => {
      const length = dims.reduce((product, dim) => product * dim, 1);
      const zeros = type === 'float16' ? new Uint16Array(length) : new Float32Array(length);
      return [input, floatTensor(ort, zeros, dims)] as const;
    });
    const rows = inPlace && createRowsInPlace(inPlace);
    return createStates({ tensors: new Map(tensors), rows, logits: null });
  }

  function mask(length: number): Tensor {
    if (ones.length < length) ones = new BigInt64Array(2 * length).fill(1n);
    return new ort.Tensor('int64', ones.subarray(0, length), [1, length]);
  }

  async function embedIds(ids: readonly number[]): Promise<Tensor> {
    const values = BigInt64Array.from(ids, BigInt);
    const input = new ort.Tensor('int64', values, [1, ids.length]);
    const outputs = await embed.run({ input_ids: input }, ['inputs_embeds']);
    return await caster.cast(outputOf(outputs, 'inputs_embeds'), graph.rows.type);
  }

  /** One call of the decoder over `count` tokens; logits only where somebody reads them. */
  async function step(
    past: States,
    length: number,
    embeds: Tensor,
    positions: BigInt64Array,
    isLast: boolean,
  ): Promise<States> {
    const count = positions.length / 3;
    const rows = past.rows?.extended(count) ?? null;
    const feeds: Record<string, Tensor> = {
      inputs_embeds: embeds,
      attention_mask: mask(length + count),
      position_ids: new ort.Tensor('int64', positions, [3, 1, count]),
      ...Object.fromEntries(past.tensors),
      ...Object.fromEntries(rows?.tensors ?? []),
    };
    if (graph.keepsLast) {
      feeds['num_logits_to_keep'] = new ort.Tensor('int64', BigInt64Array.of(1n), []);
    }
    // Null lets onnxruntime find a place.
    const fetches: Record<string, Tensor | null> = {
      ...Object.fromEntries(renewed.map(({ output }) => [output, null])),
      ...Object.fromEntries(kept.map(({ input, output }) => [output, rows?.tensors.get(input)])),
      ...(isLast && { logits: null }),
    };
    try {
      const outputs = await decoder.run(feeds, fetches);
      const tensors = renewed.map(
        ({ input, output }) => [input, outputOf(outputs, output)] as const,
      );
      const logits = isLast ? lastRow(ort, gpu, outputOf(outputs, 'logits')) : null;
      return createStates({ tensors: new Map(tensors), rows, logits });
    } catch (thrown) {
      rows?.release();
      throw thrown;
    }
  }

  async function prefill(
    state: State,
    pieces: readonly Piece[],
    positions: ReturnType<typeof positionsOf>,
    { signal, breathe, onProgress }: StepOptions,
  ): Promise<States> {
    let states = state.states.retain();
    let { length } = state;
    try {
      for (let from = 0; from < positions.tokens;) {
        if (from > 0) {
          onProgress?.(from, positions.tokens);
          await breathe?.();
        }
        throwIfCancelled(signal);
        const count = Math.min(chunk, chunkSize(positions.tokens - from, length, text.heads));
        const embeds = gatherRows(rows, pieces, from, from + count);
        try {
          const part = slicePositions(positions, from, from + count);
          const isLast = from + count === positions.tokens;
          const next = await step(states, length, embeds.tensor, part, isLast);
          states.release();
          states = next;
        } finally {
          embeds.dispose();
        }
        length += count;
        from += count;
      }
      return states;
    } catch (thrown) {
      states.release();
      throw thrown;
    }
  }

  return {
    start: () => ({
      states: emptyStates(),
      length: 0,
      position: 0,
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
        const states = await prefill(state, pieces, positions, options);
        return {
          states,
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
