/**
 * A vision language model as a policy sees it. Two implementations, in-process and through the
 * engine worker, behave alike, so that a caller cannot tell (idea: mlc-ai/web-llm `types.ts`).
 */
import type { ResizedSize } from '../geometry/resize.ts';
import type { PatchesRef, ViewKind } from './pictures.ts';
import type { ModelProfile } from './profile.ts';

declare const brand: unique symbol;

export type ContextId = string & { readonly [brand]: 'ContextId' };
export type EncodedPictureId = string & { readonly [brand]: 'EncodedPictureId' };

/** A handle on a KV cache. Must be released; a released one throws `bad-request`. */
export interface Context {
  readonly id: ContextId;
}

/** Image features that lie where the model runs. Stays valid for several contexts. */
export interface EncodedPicture {
  readonly id: EncodedPictureId;
  readonly kind: ViewKind;
  readonly size: ResizedSize;
  /** Time in the vision encoder, milliseconds. */
  readonly milliseconds: number;
  /** It was there already: nothing was encoded for whoever asked. */
  readonly reused?: true;
}

/**
 * One piece of a conversation.
 * `text`: the app's own; special tokens written in it become those tokens.
 * `words`: of a person or a dataset; never special tokens, whatever they spell.
 * `picture`: start marker, one placeholder per vision token, end marker.
 * `turn-end`: the token that closes a turn, unless the context already ends with it.
 */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'words'; readonly text: string }
  | { readonly type: 'picture'; readonly picture: EncodedPicture }
  | { readonly type: 'turn-end' };

export interface Extended {
  readonly context: Context;
  /** Tokens run through the decoder for this call (vision tokens included). */
  readonly prefilled: number;
  /** Tokens of the context whose KV was there already and was not computed again. */
  readonly reused: number;
  /** Length of the context afterwards. */
  readonly length: number;
  readonly milliseconds: number;
}

export interface TokenAlternative {
  readonly id: number;
  readonly text: string;
  /** Natural logarithm. */
  readonly logProbability: number;
}

/** One step of generation. */
export interface TokenStep {
  /** 0 for the first token of this call. */
  readonly index: number;
  readonly id: number;
  /** Text that became certain with this token; empty inside a multi-byte character. */
  readonly text: string;
  readonly logProbability: number;
  /** Most likely first; includes the chosen one. Empty if none were asked for. */
  readonly alternatives: readonly TokenAlternative[];
}

export interface GenerateOptions {
  readonly maxNewTokens: number;
  /** Text that ends the answer, beside the model's own stop tokens; kept in the text. */
  readonly stopStrings?: readonly string[];
  /** 0 (default) is greedy. */
  readonly temperature?: number;
  readonly seed?: number;
  /** How many alternatives to report per step, 0 (default) to 20. */
  readonly alternatives?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Generated {
  /** Without the stop token. */
  readonly text: string;
  /** With the stop token, if there was one: all of them belong to the context now. */
  readonly tokenIds: readonly number[];
  readonly stop: 'stop-token' | 'stop-string' | 'length';
  /** From the call to the first token, milliseconds. */
  readonly firstTokenMilliseconds: number;
  /** From the first token to the last, milliseconds. */
  readonly decodeMilliseconds: number;
}

export type DeviceKind = 'webgpu' | 'wasm';

export interface DeviceReport {
  readonly requested: DeviceKind | 'auto';
  readonly used: DeviceKind;
  /** Vendor, architecture and description as the browser tells them; null on wasm. */
  readonly adapter: string | null;
  /**
   * True if the GPU is emulated in software, or if wasm was used although WebGPU was asked for or
   * preferred.
   */
  readonly fallback: boolean;
  /** Why the fallback was taken, one sentence. */
  readonly fallbackReason: string | null;
  /** Threads of the wasm device; 1 without cross-origin isolation. */
  readonly threads: number;
}

export interface MemoryReport {
  /** Bytes; null where the browser does not tell. */
  readonly weights: number;
  readonly keyValues: number;
  readonly pictures: number;
  readonly wasmHeap: number | null;
}

export interface ModelInfo {
  readonly profile: ModelProfile;
  readonly dtype: string;
  readonly device: DeviceReport;
  /** What the device is sure to hold, in tokens; absent where it is not known. */
  readonly holds?: { readonly context: number; readonly picture: number } | undefined;
}

export type OnProgress = (done: number, total: number) => void;

export interface VisionLanguageModel {
  readonly info: ModelInfo;
  /**
   * Runs the vision encoder. Consumes the patches, also when it fails.
   * @throws ErgoError `out-of-memory`, `device-lost`, `cancelled`, `model-not-loaded`
   */
  encode(patches: PatchesRef, signal?: AbortSignal): Promise<EncodedPicture>;
  /**
   * Appends parts to a context and prefills them; nothing that is in it is computed again.
   * @param context null starts a new one
   * @param onProgress tokens that are prefilled, of all; only between steps, so not of short ones
   * @throws ErgoError as encode, `too-many-tokens`, and `question-too-long` where it is the words
   *   that do not fit. On `cancelled` the context is as before, or whole where a worker was done by
   *   the time it heard; never in between.
   */
  extend(
    context: Context | null,
    parts: readonly Part[],
    signal?: AbortSignal,
    onProgress?: OnProgress,
  ): Promise<Extended>;
  /**
   * Generates from the end of a context and appends what it generates. Ending the iteration early
   * cancels; the context then holds the tokens yielded so far.
   */
  generate(
    context: Context,
    options: GenerateOptions,
  ): AsyncGenerator<TokenStep, Generated, undefined>;
  /** A second context that shares what there is so far; both can be extended. */
  fork(context: Context, signal?: AbortSignal): Promise<Context>;
  /** Frees the KV cache. Safe to call twice. */
  release(context: Context): Promise<void>;
  /** Frees image features. Contexts that were extended by them stay valid. */
  releasePicture(picture: EncodedPicture): Promise<void>;
  /** How many tokens a person's words are. */
  count(words: string): Promise<number>;
  memory(): Promise<MemoryReport>;
}
