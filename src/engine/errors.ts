/** The ONE place where errors of onnxruntime, WebGPU and the wasm runtime get a code of ours. */
import { isLostScript } from '../core/again.ts';
import { ErgoError, type ErrorCode, type ErrorDetail } from '../core/errors.ts';

/** What was being done: `start` opens a runtime or a session, `run` computes. */
export type Stage = 'start' | 'run';

const LOST = /device (?:is |was )?lost|lost device|GPUDevice.*lost|DXGI_ERROR_DEVICE/i;
const MEMORY =
  /out of memory|bad_alloc|allocation (?:failed|size)|failed to allocate|failed to grow|Array buffer allocation|larger than the maximum|exceeds the max|max buffer size|maxBufferSize|maxStorageBufferBindingSize/i;
/** Of onnxruntime's own script and wasm file: not had, or a page of somebody else in their place. */
const RUNTIME =
  /fetching of the wasm failed|magic (?:word|number)|MIME type|Failed to fetch|NetworkError|Load failed/i;
const NO_GPU =
  /WebGPU is not (?:supported|available)|get GPU adapter|no available (?:backend|adapter)/i;

/**
 * @param thrown anything; ErgoErrors and aborts pass unchanged. C++ exceptions arrive as bare
 *   numbers when the build has no exception texts; while computing that is a failed allocation.
 */
export function engineError(thrown: unknown, stage: Stage, detail?: ErrorDetail): ErgoError {
  if (thrown instanceof ErgoError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (stage === 'start' && isRuntimeLost(message)) {
    return new ErgoError('download-interrupted', 'A file of onnxruntime did not arrive.', {
      cause: thrown,
      detail: { ...detail, isRuntime: true },
    });
  }
  const code = codeOf(thrown, message, stage);
  return new ErgoError(code, describe(code, message), { cause: thrown, ...(detail && { detail }) });
}

/** onnxruntime wraps what the browser said, and speaks of the GPU where only a file is missing. */
function isRuntimeLost(message: string): boolean {
  return RUNTIME.test(message) || isLostScript(new Error(message));
}

function codeOf(thrown: unknown, message: string, stage: Stage): ErrorCode {
  if (thrown instanceof Error && thrown.name === 'AbortError') return 'cancelled';
  if (LOST.test(message)) return 'device-lost';
  if (thrown instanceof RangeError || MEMORY.test(message)) return 'out-of-memory';
  if (NO_GPU.test(message)) return 'webgpu-unavailable';
  if (stage === 'start') return 'session-failed';
  return typeof thrown === 'number' ? 'out-of-memory' : 'internal';
}

function describe(code: ErrorCode, message: string): string {
  if (code === 'out-of-memory') return `The device has not enough memory for this (${message}).`;
  if (code === 'device-lost') return `The graphics device was lost (${message}).`;
  if (code === 'session-failed') return `The model could not be started (${message}).`;
  return message;
}
