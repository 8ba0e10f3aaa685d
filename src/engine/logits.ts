/** The last row of a decoder's logits: all that anybody reads of them. */
import type * as Ort from 'onnxruntime-web';
import { ErgoError } from '../core/errors.ts';
import type { FloatType } from './graph.ts';
import { floatsOf, floatTensor, type Floats } from './half.ts';

/** GPUBufferUsage: COPY_SRC, COPY_DST and STORAGE (WebGPU, section 5.1.2). */
const STORAGE = 0x04 | 0x08 | 0x80;
/** GPUBufferUsage: MAP_READ and COPY_DST; GPUMapMode: READ (sections 5.1.2 and 5.1.4). */
const STAGING = 0x01 | 0x08;
const READ = 0x01;

/**
 * Graphs without `num_logits_to_keep` give a row for every position: the rows before the last are let
 * go of where they are.
 * @param tensor [1, positions, vocabulary]; freed unless it is returned
 * @returns [1, 1, vocabulary] on the same device, to be freed
 */
export function lastRow(ort: typeof Ort, gpu: GPUDevice | null, tensor: Ort.Tensor): Ort.Tensor {
  const { dims } = tensor;
  const count = dims.at(-1) ?? 0;
  const first = (dims.reduce((product, dim) => product * dim, 1) / count - 1) * count;
  if (first === 0) return tensor;
  try {
    if (gpu === null || tensor.location !== 'gpu-buffer') {
      return floatTensor(ort, floatsOf(tensor).slice(first, first + count), [1, 1, count]);
    }
    const size = tensor.type === 'float16' ? 2 : 4;
    const bytes = size * count;
    if ((size * first) % 4 !== 0) {
      throw new ErgoError('model-unsupported', 'Half-precision logits of an odd vocabulary.');
    }
    const buffer = gpu.createBuffer({ size: Math.ceil(bytes / 4) * 4, usage: STORAGE });
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(tensor.gpuBuffer, size * first, buffer, 0, buffer.size);
    gpu.queue.submit([encoder.finish()]);
    return ort.Tensor.fromGpuBuffer(buffer, {
      dataType: tensor.type as FloatType,
      dims: [1, 1, count],
      dispose: () => buffer.destroy(),
    });
  } finally {
    tensor.dispose();
  }
}

/** @returns [vocabulary], a copy of a row on the GPU */
export async function readRow(gpu: GPUDevice, row: Ort.Tensor): Promise<Floats> {
  const count = row.dims.at(-1) ?? 0;
  const size = Math.ceil((count * (row.type === 'float16' ? 2 : 4)) / 4) * 4;
  const staging = gpu.createBuffer({ size, usage: STAGING });
  try {
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(row.gpuBuffer, 0, staging, 0, size);
    gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(READ);
    const bytes = staging.getMappedRange().slice(0);
    return row.type === 'float16'
      ? new Uint16Array(bytes, 0, count)
      : new Float32Array(bytes, 0, count);
  } finally {
    staging.destroy();
  }
}
