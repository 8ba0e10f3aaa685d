/** onnxruntime-web, set up for one device. */
import type * as Ort from 'onnxruntime-web';
import type { DeviceKind, DeviceReport } from '../core/contracts/model.ts';
import { ErgoError } from '../core/errors.ts';
import { findAdapter, guardSubgroups, type AdapterSummary } from './adapter.ts';
import { engineError } from './errors.ts';
import { watchHeap } from './heap.ts';

export interface Runtime {
  readonly ort: typeof Ort;
  readonly report: DeviceReport;
  readonly adapter: AdapterSummary | null;
  /** The GPU device that onnxruntime computes on; null on wasm. There after the first session. */
  gpuDevice(): Promise<GPUDevice | null>;
}

export interface RuntimeRequest {
  readonly device: DeviceKind | 'auto';
  readonly threads?: number | undefined;
  /** URL of the folder with the wasm files, with a slash at its end. */
  readonly runtimeUrl: string;
  readonly onFallback?: (reason: string) => void;
}

const MOST_THREADS = 8;

/** @throws ErgoError `session-failed` if the runtime's script cannot be loaded */
export async function openRuntime(request: RuntimeRequest): Promise<Runtime> {
  const { used, adapter, reason } = await chooseDevice(request.device);
  if (reason !== null) request.onFallback?.(reason);
  const threads = chooseThreads(request.threads);
  watchHeap();
  guardSubgroups();
  let ort: typeof Ort;
  try {
    // Two builds: the one with WebGPU is twice as large, and slower on wasm (asyncify).
    ort = await (used === 'webgpu'
      ? import('onnxruntime-web/webgpu')
      : import('onnxruntime-web/wasm'));
  } catch (thrown) {
    throw engineError(thrown, 'start');
  }
  ort.env.wasm.wasmPaths = request.runtimeUrl;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return {
    ort,
    adapter: used === 'webgpu' ? adapter : null,
    gpuDevice: async () => (used === 'webgpu' ? await ort.env.webgpu.device : null),
    report: {
      requested: request.device,
      used,
      adapter: used === 'webgpu' && adapter ? adapter.name : null,
      fallback: reason !== null || (used === 'webgpu' && adapter?.software === true),
      fallbackReason:
        reason ??
        (used === 'webgpu' && adapter?.software ? 'The GPU is emulated in software.' : null),
      threads: used === 'wasm' ? threads : 1,
    },
  };
}

interface Choice {
  readonly used: DeviceKind;
  readonly adapter: AdapterSummary | null;
  /** Why wasm is used although it was not asked for. */
  readonly reason: string | null;
}

async function chooseDevice(requested: DeviceKind | 'auto'): Promise<Choice> {
  if (requested === 'wasm') return { used: 'wasm', adapter: null, reason: null };
  const adapter = await findAdapter().catch(() => null);
  if (!adapter) {
    return { used: 'wasm', adapter, reason: 'This browser offers no WebGPU adapter here.' };
  }
  // Emulated GPUs compute 15 to 30 times slower than wasm does.
  if (requested === 'auto' && adapter.software) {
    const reason = `The only GPU is emulated in software (${adapter.name}); wasm is faster.`;
    return { used: 'wasm', adapter, reason };
  }
  return { used: 'webgpu', adapter, reason: null };
}

function chooseThreads(wanted: number | undefined): number {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1)) {
    throw new ErgoError('bad-request', `${wanted} is no number of threads.`);
  }
  if ((globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== true) return 1;
  return Math.min(wanted ?? globalThis.navigator.hardwareConcurrency, MOST_THREADS);
}
