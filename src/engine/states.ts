/** What a decoder carries from token to token, by name; shared by the contexts forked from it. */
import type { Tensor } from 'onnxruntime-web';

/**
 * Keys and values, convolution windows, recurrent states: whatever the graph asks for. They belong
 * together: a recurrent state cannot be cut back to fewer tokens, so nothing here is ever cut.
 */
export interface States {
  /** By the name of the input that takes it. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly bytes: number;
  /** One more owner. */
  retain(): States;
  /** One owner less; the last one frees it. */
  release(): void;
}

/** The caller is its first owner. */
export function createStates(tensors: ReadonlyMap<string, Tensor>): States {
  let owners = 1;
  const states: States = {
    tensors,
    bytes: [...tensors.values()].reduce((sum, tensor) => sum + bytesOf(tensor), 0),
    retain() {
      owners++;
      return states;
    },
    release() {
      if (--owners === 0) for (const tensor of tensors.values()) tensor.dispose();
    },
  };
  return states;
}

/** Of a float32 or float16 tensor. */
export function bytesOf({ dims, type }: Pick<Tensor, 'dims' | 'type'>): number {
  return dims.reduce((product, dim) => product * dim, type === 'float16' ? 2 : 4);
}
