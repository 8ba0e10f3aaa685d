/** The engine from the page: loads models in a worker that is replaced whenever it is broken. */
import type { DeviceReport, ModelInfo } from '../../core/contracts/model.ts';
import { PAUSES } from '../../core/again.ts';
import { ErgoError, FATAL, hasCode, toErgoError, type ErrorCode } from '../../core/errors.ts';
import { sleep } from '../../core/sleep.ts';
import engineScript from '../engine.worker.ts?worker&url';
import type { EngineProtocol, LoadProgress, LoadRequest } from '../protocol.ts';
import { createWorkerClient, type WorkerClient, type WorkerLike } from '../rpc/worker-client.ts';
import { createRemoteModel, type RemoteModel } from './remote-model.ts';
import { startWorker } from './start-worker.ts';

export interface EngineClientOptions {
  /**
   * Called with the imaging worker's end of a new patch channel whenever a new engine worker has
   * started. Patches sent on an older channel are lost.
   */
  readonly onPatchPort: (port: MessagePort) => void;
  /** For tests. */
  readonly createWorker?: () => WorkerLike;
  /** Milliseconds before a file of the runtime that was lost is asked for again; for tests. */
  readonly pauses?: readonly number[];
}

export interface LoadOptions {
  readonly onProgress?: (step: LoadProgress) => void;
  readonly signal?: AbortSignal | undefined;
  /** The model that was loaded is gone: its worker died, hung, or was given to another model. */
  readonly onGone?: ((reason: ErgoError) => void) | undefined;
}

export interface EngineClient {
  /**
   * Replaces a loaded model; calls on the old one reject with `model-not-loaded`. When a GPU was
   * wanted but cannot start the model, wasm is tried: a `fallback` step says so, and the model's
   * device report too.
   * @throws ErgoError of the weights store, `session-failed`, `out-of-memory`, `cancelled`, ...
   */
  load(request: LoadRequest, options?: LoadOptions): Promise<RemoteModel>;
  /** Ends the worker; frees all of its memory. A later load starts a new one. */
  unload(): void;
  /** A new channel for patches, for an imaging worker that took another one's place. */
  reconnect(): void;
  /** Milliseconds without a word although somebody waits; null if nobody does. */
  silence(): number | null;
  /** What was stopped has come to its end, or has ended the worker. Never rejects. */
  settled(): Promise<void>;
  /** Ends the worker because of a failure; calls on its model reject with the reason. */
  end(reason: ErgoError): void;
}

type Client = WorkerClient<EngineProtocol>;

/** Reasons to try wasm after the GPU. */
const GPU_FAILURES: readonly ErrorCode[] = [
  'webgpu-unavailable',
  'session-failed',
  'device-lost',
  'out-of-memory',
  'worker-died',
  'internal',
];

export function createEngineClient(options: EngineClientOptions): EngineClient {
  const createWorker = options.createWorker ?? (() => startWorker(engineScript, 'engine'));
  const pauses = options.pauses ?? PAUSES;
  let current: { readonly client: Client; used: boolean } | undefined;
  let turn = 0;

  function start(): Client {
    const client = createWorkerClient<EngineProtocol>(createWorker(), 'engine');
    current = { client, used: false };
    connect(client);
    return client;
  }

  function connect(client: Client): void {
    const { port1, port2 } = new MessageChannel();
    // A worker that dies before this rejects every other call as well.
    client.call('connect', { patches: port1 }, { transfer: [port1] }).catch(() => undefined);
    options.onPatchPort(port2);
  }

  function end(client: Client | undefined, reason?: ErgoError): void {
    if (client && current?.client === client) current = undefined;
    client?.terminate(reason);
  }

  /** wasm heaps never shrink and a failed session poisons its runtime: one worker per load. */
  function fresh(): Client {
    if (current && !current.used && !current.client.failed.aborted) {
      current.used = true;
      return current.client;
    }
    end(current?.client, new ErgoError('model-not-loaded', 'Another model was loaded.'));
    const client = start();
    if (current) current.used = true;
    return client;
  }

  /** A runtime starts once in its worker, so a lost file of it is fetched again in a new one. */
  async function attempt(request: LoadRequest, loading: LoadOptions): Promise<RemoteModel> {
    for (let again = 0; ; again++) {
      const mine = turn;
      try {
        return await attemptOnce({ ...request, ...(again > 0 && { again }) }, loading);
      } catch (thrown) {
        const pause = pauses[again];
        if (toErgoError(thrown).detail?.['isRuntime'] !== true || pause === undefined) throw thrown;
        await sleep(pause, loading.signal);
        if (mine !== turn) throw thrown;
      }
    }
  }

  async function attemptOnce(request: LoadRequest, loading: LoadOptions): Promise<RemoteModel> {
    const client = fresh();
    try {
      const { signal, onProgress, onGone } = loading;
      const info = await client.call('load', request, {
        signal,
        ...(onProgress && { onProgress }),
      });
      client.failed.addEventListener('abort', () => onGone?.(toErgoError(client.failed.reason)));
      return createRemoteModel(client, info, (error) => {
        if (FATAL.includes(error.code)) end(client, error);
      });
    } catch (thrown) {
      const error = toErgoError(thrown);
      end(client, error);
      throw error;
    }
  }

  return {
    async load(request, loading = {}) {
      const mine = ++turn;
      try {
        return await attempt(request, loading);
      } catch (thrown) {
        const error = toErgoError(thrown);
        if (mine !== turn || request.device === 'wasm') throw error;
        if (!GPU_FAILURES.some((code) => hasCode(error, code))) throw error;
        loading.onProgress?.({ phase: 'fallback', from: 'webgpu', reason: error.message });
        const model = await attempt({ ...request, device: 'wasm' }, loading);
        return { ...model, info: asFallback(model.info, request.device, error.message) };
      }
    },
    unload() {
      turn++;
      end(current?.client, new ErgoError('model-not-loaded', 'The model was unloaded.'));
    },
    reconnect() {
      if (current && !current.client.failed.aborted) connect(current.client);
    },
    silence: () => current?.client.silence() ?? null,
    async settled() {
      await current?.client.settled();
    },
    end: (reason) => end(current?.client, reason),
  };
}

function asFallback(
  info: ModelInfo,
  requested: DeviceReport['requested'],
  fallbackReason: string,
): ModelInfo {
  return { ...info, device: { ...info.device, requested, fallback: true, fallbackReason } };
}
