/** Runs in a worker: what each token costs on the GPU beside computing. */

export interface GpuStep {
  /** Validation that somebody waits for. */
  errorScopes: number;
  /** Of new buffers. */
  newBytes: number;
  bytesRead: number;
}

declare global {
  /** One for each reading from the GPU, of which a token has two. */
  var gpuSteps: GpuStep[];
}

/** Counts from now on. Self-contained: it is sent to the worker as text. */
export function countGpu(): void {
  let step: GpuStep = { errorScopes: 0, newBytes: 0, bytesRead: 0 };
  globalThis.gpuSteps = [];
  const watch = (
    owner: object,
    name: string,
    note: (step: GpuStep, self: unknown, args: readonly unknown[]) => void,
  ): void => {
    const watched = new Proxy(Reflect.get(owner, name) as () => unknown, {
      apply(target, self: unknown, args: readonly unknown[]) {
        note(step, self, args);
        return Reflect.apply(target, self, args);
      },
    });
    Reflect.set(owner, name, watched);
  };
  watch(GPUDevice.prototype, 'pushErrorScope', (counts) => counts.errorScopes++);
  watch(GPUDevice.prototype, 'createBuffer', (counts, _, [descriptor]) => {
    counts.newBytes += (descriptor as GPUBufferDescriptor).size;
  });
  watch(GPUBuffer.prototype, 'mapAsync', (counts, buffer, [mode, offset = 0, size]) => {
    // GPUMapMode.READ
    if (mode !== 1) return;
    counts.bytesRead += Number(size ?? (buffer as GPUBuffer).size - Number(offset));
    globalThis.gpuSteps.push(counts);
    step = { errorScopes: 0, newBytes: 0, bytesRead: 0 };
  });
}
