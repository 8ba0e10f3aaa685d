/** Size of onnxruntime's wasm heap, which its API does not tell. */

const memories: WeakRef<WebAssembly.Memory>[] = [];
let watching = false;

/** Notes every wasm memory made from now on. Call before a runtime is loaded. */
export function watchHeap(): void {
  if (watching) return;
  watching = true;
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, args: [WebAssembly.MemoryDescriptor]) {
      const memory = new target(...args);
      memories.push(new WeakRef(memory));
      return memory;
    },
  });
}

/** Bytes of the largest heap; null if none was seen. It never shrinks. */
export function heapBytes(): number | null {
  const sizes = memories.map((memory) => memory.deref()?.buffer.byteLength ?? 0);
  return sizes.length === 0 ? null : Math.max(...sizes);
}
