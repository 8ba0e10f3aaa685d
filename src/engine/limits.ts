/** How much a device can hold, checked before work that would fail half-way. */
import type { ModelProfile } from '../core/contracts/profile.ts';
import { ErgoError } from '../core/errors.ts';
import type { StateSpec } from './graph.ts';
import { bytesOf } from './states.ts';

export interface DeviceLimits {
  /** Bytes of one tensor; Infinity on wasm, whose heap is the limit. */
  readonly tensorBytes: number;
  /** Bytes of states that fit, the old and the new ones while a step runs. */
  readonly cacheBytes: number;
}

/** wasm addresses 4 GB; weights and activations need their part of it. */
const WASM_CACHE_BYTES = 1024 ** 3;
/** A single tensor above this fails in a 32-bit heap. */
const WASM_TENSOR_BYTES = 1.5 * 1024 ** 3;

export function limitsOf(device: GPUDevice | null): DeviceLimits {
  if (!device) return { tensorBytes: WASM_TENSOR_BYTES, cacheBytes: WASM_CACHE_BYTES };
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  return {
    tensorBytes: Math.min(maxBufferSize, maxStorageBufferBindingSize),
    cacheBytes: Infinity,
  };
}

/**
 * Tokens that a context can hold: rows of keys and values for each, beside states of fixed size.
 * @param most as far as the model goes
 */
export function contextLimit(
  most: number,
  limits: DeviceLimits,
  states: readonly StateSpec[],
): number {
  let fixed = 0;
  let perToken = 0;
  let widest = 0;
  for (const { dims, type, grows } of states) {
    const bytes = bytesOf({ type, dims: dims.map((dim) => (grows && dim === 0 ? 1 : dim)) });
    if (!grows) fixed += bytes;
    else {
      perToken += bytes;
      widest = Math.max(widest, bytes);
    }
  }
  if (perToken === 0) return most;
  // The old states and the new ones, while a step runs.
  const inMemory = Math.floor((limits.cacheBytes / 2 - fixed) / perToken);
  return Math.max(0, Math.min(most, Math.floor(limits.tensorBytes / widest), inMemory));
}

/**
 * @param wordsOf how many of the tokens are a person's words
 * @throws ErgoError `too-many-tokens`; `question-too-long` if the rest would fit without the words
 */
export function checkContext(tokens: number, limit: number, wordsOf?: () => number): void {
  if (tokens <= limit) return;
  const words = wordsOf?.() ?? 0;
  const room = limit - (tokens - words);
  if (words > 0 && room >= 0) {
    const message = `The question is ${words} tokens long; there is room for ${room}.`;
    throw new ErgoError('question-too-long', message, { detail: { tokens: words, limit: room } });
  }
  const message = `This needs ${tokens} tokens of context; this device holds ${limit}.`;
  throw new ErgoError('too-many-tokens', message, { detail: { tokens, limit } });
}

/**
 * @param patches of one picture
 * @throws ErgoError `too-many-tokens`
 */
export function checkPicture(profile: ModelProfile, limits: DeviceLimits, patches: number): void {
  const limit = widestPatches(profile, limits);
  if (patches <= limit) return;
  const merge = profile.image.mergeSize ** 2;
  const message = `A picture of ${patches / merge} tokens is more than this device holds.`;
  throw new ErgoError('too-many-tokens', message, {
    detail: { tokens: patches / merge, limit: Math.floor(limit / merge) },
  });
}

/**
 * Tokens of a picture that are sure to fit. Blocks that attend to the whole picture may hold a
 * score for every pair of patches and every head: whether a graph does cannot be seen from outside,
 * so views above it are tried where they are asked for, but not by the baseline.
 */
export function pictureLimit(profile: ModelProfile, limits: DeviceLimits): number {
  const { heads, fullAttentionBlocks } = profile.architecture.vision;
  const pairs = Math.floor(Math.sqrt(limits.tensorBytes / (4 * heads)));
  const patches = widestPatches(profile, limits);
  const sure = fullAttentionBlocks.length > 0 ? Math.min(patches, pairs) : patches;
  return Math.floor(sure / profile.image.mergeSize ** 2);
}

/** Patches whose widest activation fits into one tensor. */
function widestPatches({ architecture, image }: ModelProfile, limits: DeviceLimits): number {
  const { hiddenSize, intermediateSize } = architecture.vision;
  const values = 3 * image.temporalPatchSize * image.patchSize ** 2;
  const widest = 4 * Math.max(values, 3 * hiddenSize, intermediateSize);
  return Math.floor(limits.tensorBytes / widest);
}
