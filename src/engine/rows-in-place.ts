/**
 * Keys and values that stay where they are on a GPU: a call of the decoder writes its rows behind
 * those that are there, instead of copying all of them into larger buffers. Histories that share
 * rows share buffers, until one of them writes where another has rows of its own.
 */
import type * as Ort from 'onnxruntime-web';
import type { StateSpec } from './graph.ts';

/** GPUBufferUsage: COPY_SRC, COPY_DST and STORAGE (WebGPU, section 5.1.2). */
const USAGE = 0x04 | 0x08 | 0x80;
/** Rows of the first buffers; they double from there. */
const LEAST = 256;

export interface RowsInPlace {
  /** By input: [1, heads, capacity, head], of which `length` rows are this history's. */
  readonly tensors: ReadonlyMap<string, Ort.Tensor>;
  readonly length: number;
  /**
   * The same rows with room behind them: in the same buffers if nobody has written there, else in
   * larger or other ones. To be released like any other.
   * @param count rows that will be written
   */
  extended(count: number): RowsInPlace;
  release(): void;
}

export interface InPlaceParts {
  readonly ort: typeof Ort;
  readonly gpu: GPUDevice;
  /** Those that grow; [1, heads, 0, head] each. */
  readonly specs: readonly StateSpec[];
  /** Rows that there can be at most. */
  readonly limit: number;
}

/** Buffers, and how many rows each live history has in them. */
interface Shared {
  readonly tensors: ReadonlyMap<string, Ort.Tensor>;
  readonly capacity: number;
  readonly lengths: number[];
}

/** A history without rows. */
export function createRowsInPlace(parts: InPlaceParts): RowsInPlace {
  return view(parts, { tensors: new Map(), capacity: 0, lengths: [] }, 0);
}

function view(parts: InPlaceParts, shared: Shared, length: number): RowsInPlace {
  shared.lengths.push(length);
  let isHeld = true;
  return {
    tensors: shared.tensors,
    length,
    extended(count) {
      const wanted = length + count;
      const isFree = Math.max(...shared.lengths) === length;
      if (isFree && wanted <= shared.capacity) return view(parts, shared, wanted);
      return view(parts, copyOf(parts, shared, length, wanted), wanted);
    },
    release() {
      if (!isHeld) return;
      isHeld = false;
      shared.lengths.splice(shared.lengths.indexOf(length), 1);
      if (shared.lengths.length > 0) return;
      for (const tensor of shared.tensors.values()) tensor.dispose();
    },
  };
}

function copyOf(
  { ort, gpu, specs, limit }: InPlaceParts,
  from: Shared,
  rows: number,
  wanted: number,
): Shared {
  let capacity = LEAST;
  while (capacity < wanted) capacity *= 2;
  capacity = Math.max(wanted, Math.min(capacity, limit));
  const encoder = gpu.createCommandEncoder();
  const tensors = new Map<string, Ort.Tensor>();
  for (const { input, type, dims } of specs) {
    const [, heads = 1, , size = 1] = dims;
    const rowBytes = size * (type === 'float16' ? 2 : 4);
    const buffer = gpu.createBuffer({ size: heads * capacity * rowBytes, usage: USAGE });
    const source = from.tensors.get(input)?.gpuBuffer;
    if (source && rows > 0) {
      for (let head = 0; head < heads; head++) {
        const start = head * from.capacity * rowBytes;
        const place = head * capacity * rowBytes;
        encoder.copyBufferToBuffer(source, start, buffer, place, rows * rowBytes);
      }
    }
    const tensor = ort.Tensor.fromGpuBuffer(buffer, {
      dataType: type,
      dims: [1, heads, capacity, size],
      dispose: () => buffer.destroy(),
    });
    tensors.set(input, tensor);
  }
  gpu.queue.submit([encoder.finish()]);
  return { tensors, capacity, lengths: [] };
}
