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

/** @throws ErgoError `too-many-tokens` */
export function checkContext(tokens: number, limit: number): void {
  if (tokens <= limit) return;
  const message = `This needs ${tokens} tokens of context; this device holds ${limit}.`;
  throw new ErgoError('too-many-tokens', message, { detail: { tokens, limit } });
}

/**
 * @param patches of one picture
 * @throws ErgoError `too-many-tokens`
 */
export function checkPicture(
  { architecture: { vision }, image }: ModelProfile,
  limits: DeviceLimits,
  patches: number,
): void {
  const values = 3 * image.temporalPatchSize * image.patchSize ** 2;
  const widest = 4 * Math.max(values, 3 * vision.hiddenSize, vision.intermediateSize);
  const limit = Math.floor(limits.tensorBytes / widest);
  if (patches <= limit) return;
  const merge = image.mergeSize ** 2;
  const message = `A picture of ${patches / merge} tokens is more than this device holds.`;
  throw new ErgoError('too-many-tokens', message, {
    detail: { tokens: patches / merge, limit: Math.floor(limit / merge) },
  });
}
