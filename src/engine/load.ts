/** From a model's files to a model that answers. */
import type { DeviceKind } from '../core/contracts/model.ts';
import { ErgoError, throwIfCancelled } from '../core/errors.ts';
import { dtypeOf, type ModelSource } from '../models/source.ts';
import type { Weights, WeightsProgress } from '../models/weights.ts';
import type { PatchInbox } from './inbox.ts';
import { openRuntime, type Runtime } from './runtime.ts';
import { openSessions } from './sessions.ts';
import { openTokenizer } from './tokenizer.ts';
import { createVlm, type Levers, type LocalModel } from './vlm.ts';
import { warmUp } from './warm-up.ts';

export type EngineProgress =
  | WeightsProgress
  | { readonly phase: 'fallback'; readonly from: DeviceKind; readonly reason: string }
  | { readonly phase: 'sessions'; readonly session: string }
  | { readonly phase: 'warm-up' };

export interface EngineRequest {
  readonly source: ModelSource;
  readonly dtype: string;
  readonly device: DeviceKind | 'auto';
  readonly threads?: number | undefined;
  /** URL of the folder with onnxruntime's wasm files, with a slash at its end. */
  readonly runtimeUrl: string;
  /** How often a file of the runtime was lost before: then it is asked for at a fresh address. */
  readonly again?: number | undefined;
  /** Checks what is asked of the GPU, at the price of waiting for it; for tests. */
  readonly validate?: boolean | undefined;
}

export interface EngineParts {
  readonly weights: Weights;
  readonly inbox: PatchInbox;
  readonly breathe?: () => Promise<void>;
  readonly progress?: (step: EngineProgress) => void;
  readonly signal?: AbortSignal | undefined;
  /** Tokens per call of the decoder at most; for tests. */
  readonly chunk?: number;
  /** What is left out, to measure what it is worth. */
  readonly levers?: Partial<Levers> | undefined;
}

/** How graphs are named whose numbers are in half precision; the precision may differ per session. */
const HALF = /_(?:fp16|q4f16)\.onnx$/;

/**
 * @throws ErgoError of the weights store, `session-failed`, `model-unsupported`,
 *   `out-of-memory`, `device-lost`, `cancelled`. After a failure nothing else can be loaded in
 *   this worker.
 */
export async function loadModel(
  { source, dtype, device, threads, runtimeUrl, again, validate }: EngineRequest,
  { weights, inbox, breathe, progress, signal, chunk, levers }: EngineParts,
): Promise<LocalModel> {
  const { profile } = source;
  const runtime = await openRuntime({
    device,
    threads,
    runtimeUrl,
    again,
    validate,
    onFallback: (reason) => progress?.({ phase: 'fallback', from: 'webgpu', reason }),
  });
  checkPrecision(source, dtype, runtime);
  const read = await weights.read(source, dtype, { signal, ...(progress && { progress }) });
  const tokenizer = await openTokenizer(
    await read('tokenizer.json'),
    await read('tokenizer_config.json'),
  );
  throwIfCancelled(signal);
  const sessions = await openSessions({
    runtime,
    source,
    dtype,
    read,
    onSession: (session) => progress?.({ phase: 'sessions', session }),
  });
  let model: LocalModel | undefined;
  try {
    throwIfCancelled(signal);
    const info = { profile, dtype, device: runtime.report };
    model = await createVlm({ info, runtime, sessions, tokenizer, inbox, breathe, chunk, levers });
    if (runtime.report.used === 'webgpu') {
      progress?.({ phase: 'warm-up' });
      await warmUp(model, inbox, signal);
    }
    return model;
  } catch (thrown) {
    // The worker is replaced after a failure anyway; what went wrong first is what counts.
    await (model ? model.dispose() : sessions.release()).catch(() => undefined);
    throw thrown;
  }
}

/** onnxruntime starts half-precision graphs on GPUs without `shader-f16` and fails when they run. */
function checkPrecision(source: ModelSource, dtype: string, { adapter }: Runtime): void {
  if (adapter === null || adapter.halfPrecision) return;
  const half = Object.values(dtypeOf(source, dtype).sessions).find((path) => HALF.test(path));
  if (half === undefined) return;
  const message = `${half} needs a GPU with half precision; ${adapter.name} has none.`;
  throw new ErgoError('model-unsupported', message, { detail: { dtype } });
}
