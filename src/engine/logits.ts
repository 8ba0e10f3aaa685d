/** The last row of a decoder's logits, brought to the CPU. */
import type { Tensor } from 'onnxruntime-web';
import { floatsOf, type Floats } from './half.ts';

/** GPUBufferUsage: MAP_READ and COPY_DST; GPUMapMode: READ (WebGPU, sections 5.1.2 and 5.1.4). */
const STAGING = 0x01 | 0x08;
const READ = 0x01;

/**
 * Graphs without `num_logits_to_keep` give a row for every position: only the last one leaves the GPU.
 * @param tensor [1, positions, vocabulary]; freed
 * @returns [vocabulary]
 */
export async function lastRow(gpu: GPUDevice | null, tensor: Tensor): Promise<Floats> {
  const { dims } = tensor;
  const count = dims.at(-1) ?? 0;
  const first = (dims.reduce((product, dim) => product * dim, 1) / count - 1) * count;
  try {
    if (tensor.location !== 'gpu-buffer' || !gpu) {
      // A copy: the rows before it need not stay.
      return floatsOf(tensor).slice(first, first + count);
    }
    const size = tensor.type === 'float16' ? 2 : 4;
    // Copies begin and end at whole words.
    const start = Math.floor((size * first) / 4) * 4;
    const end = Math.ceil((size * (first + count)) / 4) * 4;
    const bytes = await readBuffer(gpu, tensor.gpuBuffer, start, end - start);
    return tensor.type === 'float16'
      ? new Uint16Array(bytes, size * first - start, count)
      : new Float32Array(bytes, 0, count);
  } finally {
    tensor.dispose();
  }
}

async function readBuffer(
  gpu: GPUDevice,
  source: GPUBuffer,
  offset: number,
  size: number,
): Promise<ArrayBuffer> {
  const staging = gpu.createBuffer({ size, usage: STAGING });
  try {
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset, staging, 0, size);
    gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(READ);
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}
