/** What a decoder carries from token to token, by name; shared by the contexts forked from it. */
import type { Tensor } from 'onnxruntime-web';
import type { RowsInPlace } from './rows-in-place.ts';

/**
 * Keys and values, convolution windows, recurrent states: whatever the graph asks for. They belong
 * together: a recurrent state cannot be cut back to fewer tokens, so nothing here is ever cut.
 */
export interface States extends Carried {
  /** One more owner. */
  retain(): States;
  /** One owner less; the last one frees it. */
  release(): void;
}

interface Carried {
  /** By the name of the input that takes it; without those in place. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Keys and values where they stay on a GPU; null: they are among the tensors. */
  readonly rows: RowsInPlace | null;
  /** [1, 1, vocabulary], what follows the last token that was run; null if there was none. */
  readonly logits: Tensor | null;
}

/** The caller is its first owner. */
export function createStates({ tensors, rows, logits }: Carried): States {
  let owners = 1;
  const states: States = {
    tensors,
    rows,
    logits,
    retain() {
      owners++;
      return states;
    },
    release() {
      if (--owners > 0) return;
      for (const tensor of tensors.values()) tensor.dispose();
      rows?.release();
      logits?.dispose();
    },
  };
  return states;
}

/** Of all of them together, what they share once; without logits. */
export function bytesOfAll(all: Iterable<States>): number {
  const tensors = [...all].flatMap((states) => [
    ...states.tensors.values(),
    ...(states.rows?.tensors.values() ?? []),
  ]);
  return [...new Set(tensors)].reduce((sum, tensor) => sum + bytesOf(tensor), 0);
}

/** Of a float32 or float16 tensor. */
export function bytesOf({ dims, type }: Pick<Tensor, 'dims' | 'type'>): number {
  return dims.reduce((product, dim) => product * dim, type === 'float16' ? 2 : 4);
}
