/** Keys and values of a history; shared by the contexts that were forked from it. */
import type { Tensor } from 'onnxruntime-web';

export interface KvCache {
  /** Layer by layer: key, value; each [1, key-value heads, tokens, head]. */
  readonly tensors: readonly Tensor[];
  readonly bytes: number;
  /** One more owner. */
  retain(): KvCache;
  /** One owner less; the last one frees it. */
  release(): void;
}

/** The caller is its first owner. */
export function createKvCache(tensors: readonly Tensor[]): KvCache {
  let owners = 1;
  const bytes = tensors.reduce(
    (sum, { dims, type }) =>
      sum + dims.reduce((product, dim) => product * dim, 1) * (type === 'float16' ? 2 : 4),
    0,
  );
  const cache: KvCache = {
    tensors,
    bytes,
    retain() {
      owners++;
      return cache;
    },
    release() {
      if (--owners === 0) for (const tensor of tensors) tensor.dispose();
    },
  };
  return cache;
}
