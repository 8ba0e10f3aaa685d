/** Rows of embeddings, put together from text embeddings and image features without needless copies. */
import type * as Ort from 'onnxruntime-web';
import type { FloatType } from './graph.ts';
import { floatsOf, floatTensor } from './half.ts';

/** [.., tokens, width] of the type of all rows, on the CPU or on the GPU like all other pieces. */
export interface Piece {
  readonly tensor: Ort.Tensor;
  readonly tokens: number;
}

export interface RowsDevice {
  readonly ort: typeof Ort;
  /** null on wasm */
  readonly gpu: GPUDevice | null;
  /** Values per row. */
  readonly width: number;
  readonly type: FloatType;
}

export interface Borrowed {
  /** [1, to - from, width] */
  readonly tensor: Ort.Tensor;
  /** Frees what was made for it; the pieces stay. */
  dispose(): void;
}

/** GPUBufferUsage: COPY_SRC, COPY_DST and STORAGE (WebGPU, section 5.1.2). */
const USAGE = 0x04 | 0x08 | 0x80;

interface Part {
  readonly tensor: Ort.Tensor;
  /** First row in the piece. */
  readonly start: number;
  readonly rows: number;
}

/** Rows `from` to `to` (exclusive) of all pieces laid one after the other. */
export function gatherRows(
  device: RowsDevice,
  pieces: readonly Piece[],
  from: number,
  to: number,
): Borrowed {
  const parts = overlapping(pieces, from, to);
  const dims = [1, to - from, device.width];
  const only = parts.length === 1 ? parts[0] : undefined;
  const piece = only && pieces.find(({ tensor }) => tensor === only.tensor);
  if (only && piece?.tokens === only.rows) {
    return { tensor: view(device, only.tensor, dims), dispose: () => undefined };
  }
  return device.gpu ? onGpu(device, device.gpu, parts, dims) : onCpu(device, parts, dims);
}

/** The same values under other dims. Tensors that own a GPU buffer refuse `reshape`. */
function view({ ort, gpu, type }: RowsDevice, tensor: Ort.Tensor, dims: number[]): Ort.Tensor {
  if (!gpu) return tensor.reshape(dims);
  return ort.Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: type, dims });
}

function overlapping(pieces: readonly Piece[], from: number, to: number): Part[] {
  const parts: Part[] = [];
  let offset = 0;
  for (const { tensor, tokens } of pieces) {
    const start = Math.max(from - offset, 0);
    const end = Math.min(to - offset, tokens);
    if (end > start) parts.push({ tensor, start, rows: end - start });
    offset += tokens;
  }
  return parts;
}

function onCpu({ ort, width, type }: RowsDevice, parts: readonly Part[], dims: number[]): Borrowed {
  const views = parts.map(({ tensor, start, rows }) =>
    floatsOf(tensor).subarray(start * width, (start + rows) * width),
  );
  const [only] = views;
  if (only && views.length === 1) return { tensor: floatTensor(ort, only, dims), dispose };
  const length = views.reduce((sum, view) => sum + view.length, 0);
  const values = type === 'float16' ? new Uint16Array(length) : new Float32Array(length);
  let offset = 0;
  for (const view of views) {
    values.set(view, offset);
    offset += view.length;
  }
  return { tensor: floatTensor(ort, values, dims), dispose };
}

function dispose(): void {
  // Nothing to free on the CPU.
}

/** Copies on the GPU's queue, which runs before whatever onnxruntime submits next. */
function onGpu(
  { ort, width, type }: RowsDevice,
  gpu: GPUDevice,
  parts: readonly Part[],
  dims: number[],
): Borrowed {
  const rowBytes = width * (type === 'float16' ? 2 : 4);
  const buffer = gpu.createBuffer({
    size: parts.reduce((sum, { rows }) => sum + rows, 0) * rowBytes,
    usage: USAGE,
  });
  const encoder = gpu.createCommandEncoder();
  let offset = 0;
  for (const { tensor, start, rows } of parts) {
    encoder.copyBufferToBuffer(tensor.gpuBuffer, start * rowBytes, buffer, offset, rows * rowBytes);
    offset += rows * rowBytes;
  }
  gpu.queue.submit([encoder.finish()]);
  const tensor = ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims });
  return { tensor, dispose: () => buffer.destroy() };
}
