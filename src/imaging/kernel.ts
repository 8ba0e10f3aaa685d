/** The resampler's inner loops in WebAssembly with SIMD (kernel.wat), and where its data lies. */
import { ErgoError } from '../core/errors.ts';
import type { Weights } from './filter.ts';
import code from './kernel.wat';

/** Addresses are bytes in `memory`. See kernel.wat for the layouts. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  across(
    source: number,
    width: number,
    rows: number,
    taps: number,
    weights: number,
    stride: number,
    target: number,
    to: number,
  ): void;
  down(source: number, bytes: number, pairs: number, weights: number, to: number): void;
  reduce(source: number, width: number, rows: number, fx: number, fy: number, to: number): void;
}

/** Vectors may be read and written beyond an end. */
const SLACK = 16;
const PAGE = 65_536;

let compiled: WebAssembly.Module | undefined;

/**
 * A kernel with a memory of its own, which goes when nobody holds it any more.
 * @param sizes bytes of each part
 * @returns the address of each part
 * @throws ErgoError `out-of-memory`
 */
export function createKernel(sizes: readonly number[]): {
  readonly kernel: Kernel;
  readonly addresses: readonly number[];
} {
  compiled ??= new WebAssembly.Module(code);
  const kernel = new WebAssembly.Instance(compiled).exports as unknown as Kernel;
  let end = 0;
  const addresses = sizes.map((size) => {
    const address = end;
    end += Math.ceil((size + SLACK) / SLACK) * SLACK;
    return address;
  });
  try {
    kernel.memory.grow(Math.ceil(end / PAGE));
  } catch (cause) {
    throw new ErgoError('out-of-memory', 'There is no room to resize the picture.', { cause });
  }
  return { kernel, addresses };
}

/** Weights of a filter as the kernel reads them. */
export interface PackedWeights {
  /** Per target pixel: its first source pixel and its pairs of taps. */
  readonly taps: readonly { readonly first: number; readonly pairs: number }[];
  /** Bytes from one target pixel's weights to the next. */
  readonly stride: number;
  /** 16-bit lanes [pixels, pairs, upper and lower, 2]. */
  readonly lanes: Int16Array;
}

/** Bits of a weight's lower part: as many as a signed 16-bit lane holds. */
const LOWER = 15;

export function packWeights({ first, count, weight, stride }: Weights): PackedWeights {
  const most = Math.ceil(count.reduce((max, value) => Math.max(max, value), 1) / 2);
  const lanes = new Int16Array(first.length * most * 4);
  const taps = Array.from(first, (start, i) => {
    const pairs = Math.ceil((count[i] ?? 0) / 2);
    for (let k = 0; k < (count[i] ?? 0); k++) {
      const value = weight[i * stride + k] ?? 0;
      const at = (i * most + (k >> 1)) * 4 + (k & 1);
      lanes[at] = value >> LOWER;
      lanes[at + 2] = value & (2 ** LOWER - 1);
    }
    return { first: start, pairs };
  });
  return { taps, stride: most * 8, lanes };
}
