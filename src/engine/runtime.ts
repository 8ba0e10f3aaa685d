/** onnxruntime-web, set up for one device. */
import type * as Ort from 'onnxruntime-web';
import type { DeviceReport } from '../core/contracts/model.ts';
import type { AdapterSummary } from './adapter.ts';
import { planDevice, type DeviceRequest } from './device.ts';
import { engineError } from './errors.ts';
import { watchHeap } from './heap.ts';

export interface Runtime {
  readonly ort: typeof Ort;
  readonly report: DeviceReport;
  readonly adapter: AdapterSummary | null;
  /** For sessions: the device, and how much of its use is checked. */
  readonly providers: Ort.InferenceSession.ExecutionProviderConfig[];
  /** The GPU device that onnxruntime computes on; null on wasm. There after the first session. */
  gpuDevice(): Promise<GPUDevice | null>;
}

export interface RuntimeRequest extends DeviceRequest {
  /** URL of the folder with the wasm files, with a slash at its end. */
  readonly runtimeUrl: string;
  /**
   * Checks what is asked of the GPU, and waits for the result with every call: in tests. A page
   * that is used does without; a lost device is noticed all the same.
   */
  readonly validate?: boolean | undefined;
}

/** @throws ErgoError `session-failed` if the runtime's script cannot be loaded */
export async function openRuntime(request: RuntimeRequest): Promise<Runtime> {
  const { report, adapter, threads } = await planDevice(request);
  const validationMode = request.validate ? 'basic' : 'disabled';
  const isGpu = report.used === 'webgpu';
  watchHeap();
  let ort: typeof Ort;
  try {
    // Two builds: the one with WebGPU is twice as large, and slower on wasm (asyncify).
    ort = await (isGpu ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm'));
  } catch (thrown) {
    throw engineError(thrown, 'start');
  }
  ort.env.wasm.wasmPaths = request.runtimeUrl;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return {
    ort,
    adapter,
    providers: isGpu ? [{ name: 'webgpu', validationMode }] : ['wasm'],
    gpuDevice: async () => (isGpu ? await ort.env.webgpu.device : null),
    report,
  };
}
