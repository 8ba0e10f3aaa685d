/** onnxruntime-web, set up for one device. */
import type * as Ort from 'onnxruntime-web';
import type { DeviceKind, DeviceReport } from '../core/contracts/model.ts';
import { runtimeBuild, runtimeFile } from '../core/contracts/runtime-files.ts';
import type { AdapterSummary } from './adapter.ts';
import { planDevice, type DeviceRequest } from './device.ts';
import { engineError } from './errors.ts';
import { freshAddress, importAgain } from '../core/again.ts';
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
  /** How often a file of it was lost before: then it is asked for at a fresh address. */
  readonly again?: number | undefined;
  /**
   * Checks what is asked of the GPU, and waits for the result with every call: in tests. A page
   * that is used does without; a lost device is noticed all the same.
   */
  readonly validate?: boolean | undefined;
}

/** @throws ErgoError `download-interrupted` if the runtime's script does not arrive */
export async function openRuntime(request: RuntimeRequest): Promise<Runtime> {
  const { report, adapter, threads } = await planDevice(request);
  const validationMode = request.validate ? 'basic' : 'disabled';
  const isGpu = report.used === 'webgpu';
  watchHeap();
  let ort: typeof Ort;
  try {
    // Apart, because what serves the GPU is slower on wasm, and larger.
    ort = await (isGpu
      ? importAgain(() => import('onnxruntime-web/webgpu'))
      : importAgain(() => import('onnxruntime-web/wasm')));
  } catch (thrown) {
    throw engineError(thrown, 'start');
  }
  ort.env.wasm.wasmPaths = pathsOf(request, report.used);
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

/** Named one by one: the script itself knows the asyncify build only, and runs the other as well. */
function pathsOf({ runtimeUrl, again = 0 }: RuntimeRequest, device: DeviceKind): FilePaths {
  const build = runtimeBuild(device);
  const at = (ending: 'mjs' | 'wasm'): string => {
    const url = `${runtimeUrl}${runtimeFile(build, ending)}`;
    return again === 0 ? url : freshAddress(url, again);
  };
  return { mjs: at('mjs'), wasm: at('wasm') };
}

type FilePaths = Exclude<Ort.Env.WebAssemblyFlags['wasmPaths'], string | undefined>;
