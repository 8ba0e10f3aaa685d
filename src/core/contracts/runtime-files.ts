/** Which of onnxruntime-web's wasm builds runs where, and what its two files are called. */
import type { DeviceKind } from './model.ts';

/**
 * `wasm`: for the processor. The other two are for WebGPU, whose calls have to be waited for from
 * within wasm: `jspi` by JavaScript Promise Integration, `asyncify`, ten megabytes larger, by code
 * of its own.
 */
export const RUNTIME_BUILDS = ['wasm', 'jspi', 'asyncify'] as const;
export type RuntimeBuild = (typeof RUNTIME_BUILDS)[number];

/** The build for a device in this browser, worker or Node. The same answer in all threads of a page. */
export function runtimeBuild(device: DeviceKind): RuntimeBuild {
  if (device === 'wasm') return 'wasm';
  return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

export function runtimeFile(build: RuntimeBuild, ending: 'mjs' | 'wasm'): string {
  return `ort-wasm-simd-threaded${build === 'wasm' ? '' : `.${build}`}.${ending}`;
}

/** Which build a file is of; null if it is none of these. */
export function buildOf(file: string): RuntimeBuild | null {
  const found = RUNTIME_BUILDS.find(
    (build) => file === runtimeFile(build, 'mjs') || file === runtimeFile(build, 'wasm'),
  );
  return found ?? null;
}
