/** What a browser has and Node lacks, by Dawn's bindings: `navigator.gpu` and the classes around it. */
import os from 'node:os';

/**
 * @param {{ create: (flags: string[]) => GPU, globals: object }} bindings
 * @returns {GPU}
 */
export function installDawn({ create, globals }) {
  Object.assign(globalThis, globals);
  // Whoever lets go of this object loses the process with the next garbage collection.
  const gpu = create([]);
  const navigator = { gpu, hardwareConcurrency: os.availableParallelism() };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  copySharedMemory();
  // Dawn's callbacks are delivered by the event loop, which sleeps where nothing else is due.
  setInterval(() => undefined, 1);
  return gpu;
}

/** wasm threads share their memory, and Dawn takes no views of such. */
function copySharedMemory() {
  const { prototype } = GPUQueue;
  prototype.writeBuffer = new Proxy(Reflect.get(prototype, 'writeBuffer'), {
    apply(target, queue, [buffer, offset, data, start = 0, size]) {
      const isView = ArrayBuffer.isView(data);
      const memory = isView ? data.buffer : data;
      if (!(memory instanceof SharedArrayBuffer)) {
        return Reflect.apply(target, queue, [buffer, offset, data, start, size]);
      }
      const unit = isView && 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1;
      const first = isView ? data.byteOffset : 0;
      const end = first + (isView ? data.byteLength : memory.byteLength);
      const from = first + start * unit;
      const to = size === undefined ? end : from + size * unit;
      return Reflect.apply(target, queue, [buffer, offset, new Uint8Array(memory).slice(from, to)]);
    },
  });
}
