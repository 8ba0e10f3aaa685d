import { describe, expect, it, vi } from 'vitest';
import type {
  Context,
  ContextId,
  EncodedPicture,
  EncodedPictureId,
  ModelInfo,
} from '../../core/contracts/model.ts';
import type { PatchesId } from '../../core/contracts/pictures.ts';
import { ErgoError, hasCode, type ErrorCode } from '../../core/errors.ts';
import { parseManifest, sourceOf } from '../../models/manifest.ts';
import { testManifest } from '../../models/testing.ts';
import type { EngineProtocol, LoadProgress, LoadRequest } from '../protocol.ts';
import type { Handlers } from '../rpc/server.ts';
import { fakeWorker } from '../rpc/testing.ts';
import type { WorkerLike } from '../rpc/worker-client.ts';
import { createEngineClient } from './engine-client.ts';

const path = 'onnx/a.onnx';
const manifest = parseManifest(
  testManifest([{ path, bytes: 1, sha256: 'a'.repeat(64) }], {
    vision_encoder: path,
    embed_tokens: path,
    decoder_model_merged: path,
  }),
);
const request: LoadRequest = {
  source: sourceOf(manifest, { baseUrl: 'https://models.test/' }),
  dtype: 'q8',
  device: 'auto',
  runtimeUrl: 'https://page.test/ort/',
};

function infoOf(device: LoadRequest['device']): ModelInfo {
  const used = device === 'wasm' ? 'wasm' : 'webgpu';
  const report = { requested: device, used, adapter: null, fallback: false, threads: 1 } as const;
  const device_ = { ...report, fallbackReason: null };
  return { profile: request.source.profile, dtype: 'q8', device: device_ };
}

/** A worker in this thread, with handlers of the test's choice. */
function fakes(handlers: (worker: number) => Partial<Handlers<EngineProtocol>>) {
  const workers: { ended: boolean; ports: number; loads: string[] }[] = [];
  const createWorker = (): WorkerLike => {
    const state = { ended: false, ports: 0, loads: [] as string[] };
    const number = workers.push(state);
    const answers = {
      connect: () => void state.ports++,
      load: ({ device }: LoadRequest) => {
        state.loads.push(device);
        return infoOf(device);
      },
      ...handlers(number),
    };
    return fakeWorker<EngineProtocol>(answers, () => (state.ended = true));
  };
  return { workers, createWorker };
}

const failsWith = (code: ErrorCode) => expect.toSatisfy((error: unknown) => hasCode(error, code));
const context = { id: 'context-1' as ContextId };

describe('the engine client', () => {
  it('fetches a file of the runtime that was lost again, in a new worker, and blames no GPU', async () => {
    const lost = new ErgoError('download-interrupted', 'lost', { detail: { isRuntime: true } });
    const again: unknown[] = [];
    const { workers, createWorker } = fakes((worker) => ({
      load: async (request: LoadRequest) => {
        again.push(request.again);
        if (worker < 3) throw lost;
        return infoOf(request.device);
      },
    }));
    const onPatchPort = vi.fn<(port: MessagePort) => void>();
    const client = createEngineClient({ createWorker, onPatchPort, pauses: [0, 0] });
    const model = await client.load(request);
    expect(model.info.device).toMatchObject({ used: 'webgpu', fallback: false });
    expect(again).toEqual([undefined, 1, 2]);
    expect(workers.map(({ ended }) => ended)).toEqual([true, true, false]);

    const hopeless = fakes(() => ({ load: () => Promise.reject(lost) }));
    const never = createEngineClient({ ...hopeless, onPatchPort, pauses: [0] });
    await expect(never.load(request)).rejects.toEqual(failsWith('download-interrupted'));
    expect(hopeless.workers).toHaveLength(2);
  });

  it('replaces a worker whose GPU load failed, tries wasm, and says so', async () => {
    const { workers, createWorker } = fakes((worker) =>
      worker === 1
        ? { load: () => Promise.reject(new ErgoError('session-failed', 'no such operator')) }
        : {},
    );
    const ports: MessagePort[] = [];
    const steps: LoadProgress[] = [];
    const client = createEngineClient({ createWorker, onPatchPort: (port) => ports.push(port) });
    const model = await client.load(request, { onProgress: (step) => steps.push(step) });
    expect(steps).toEqual([{ phase: 'fallback', from: 'webgpu', reason: 'no such operator' }]);
    expect(model.info.device).toMatchObject({
      requested: 'auto',
      used: 'wasm',
      fallback: true,
      fallbackReason: 'no such operator',
    });
    expect(workers.map(({ ended }) => ended)).toEqual([true, false]);
    expect(workers[1]?.loads).toEqual(['wasm']);
    expect(ports).toHaveLength(2);
    client.unload();
    for (const port of ports) port.close();
  });

  it('does not try wasm when the weights are the problem, nor when wasm was asked for', async () => {
    for (const [code, device] of [
      ['weights-corrupt', 'auto'],
      ['session-failed', 'wasm'],
    ] as const) {
      const { workers, createWorker } = fakes(() => ({
        load: () => Promise.reject(new ErgoError(code, 'no')),
      }));
      const client = createEngineClient({ createWorker, onPatchPort: (port) => port.close() });
      await expect(client.load({ ...request, device })).rejects.toEqual(failsWith(code));
      expect(workers.map(({ ended }) => ended)).toEqual([true]);
    }
  });

  it('ends a worker whose device was lost, and starts another for the next load', async () => {
    const { workers, createWorker } = fakes(() => ({
      release: () => Promise.reject(new ErgoError('device-lost', 'gone')),
    }));
    const client = createEngineClient({ createWorker, onPatchPort: (port) => port.close() });
    const model = await client.load(request);
    await expect(model.release(context)).rejects.toEqual(failsWith('device-lost'));
    await expect(model.fork(context)).rejects.toEqual(failsWith('device-lost'));
    await client.load(request);
    expect(workers.map(({ ended }) => ended)).toEqual([true, false]);
    client.unload();
    expect(workers.every(({ ended }) => ended)).toBe(true);
  });

  it('says that a loaded model is gone, and why: it died, or another one was loaded', async () => {
    const { createWorker } = fakes(() => ({}));
    const client = createEngineClient({ createWorker, onPatchPort: (port) => port.close() });
    const onGone = vi.fn<(reason: ErgoError) => void>();
    await client.load(request, { onGone });
    await client.load(request, { onGone });
    const died = new ErgoError('worker-died', 'It hung.');
    client.end(died);
    expect(onGone.mock.calls.map(([{ code }]) => code)).toEqual([
      'model-not-loaded',
      'worker-died',
    ]);
  });

  it('brings a channel to an imaging worker that is new, while there is a worker', async () => {
    const { workers, createWorker } = fakes(() => ({}));
    const onPatchPort = vi.fn<(port: MessagePort) => void>((port) => port.close());
    const client = createEngineClient({ createWorker, onPatchPort });
    client.reconnect();
    expect(onPatchPort).not.toHaveBeenCalled();
    await client.load(request);
    client.reconnect();
    expect(onPatchPort).toHaveBeenCalledTimes(2);
    await vi.waitFor(() => expect(workers[0]?.ports).toBe(2));
    client.unload();
  });

  it('streams a generation and returns its result', async () => {
    const step = { index: 0, id: 1, text: 'a', logProbability: 0, alternatives: [] };
    const result = {
      text: 'a',
      tokenIds: [1],
      stop: 'length',
      firstTokenMilliseconds: 1,
      decodeMilliseconds: 0,
    } as const;
    const { createWorker } = fakes(() => ({
      generate: (_, { progress }) => {
        progress(step);
        return result;
      },
    }));
    const client = createEngineClient({ createWorker, onPatchPort: (port) => port.close() });
    const steps = (await client.load(request)).generate(context, { maxNewTokens: 1 });
    expect(await steps.next()).toEqual({ done: false, value: step });
    expect(await steps.next()).toEqual({ done: true, value: result });
    client.unload();
  });

  it('releases what came after its caller had left, but no context that was there before', async () => {
    const size = { width: 28, height: 28, tokens: 1, grid: { rows: 1, columns: 1 } };
    const about = { kind: 'coarse', size } as const;
    const picture: EncodedPicture = { ...about, id: 'p' as EncodedPictureId, milliseconds: 0 };
    const releasePicture = vi.fn<(input: { picture: EncodedPicture }) => undefined>();
    const release = vi.fn<(input: { context: Context }) => undefined>();
    const counts = { prefilled: 1, reused: 0, length: 1, milliseconds: 0 };
    // Like a worker that was done when the cancel arrived.
    const { createWorker } = fakes(() => ({
      encode: () => picture,
      extend: (input) => ({ ...counts, context: input.context ?? context }),
      fork: ({ context }) => context,
      releasePicture,
      release,
    }));
    const client = createEngineClient({ createWorker, onPatchPort: (port) => port.close() });
    const model = await client.load(request);
    const leave = async (start: (signal: AbortSignal) => Promise<unknown>): Promise<void> => {
      const controller = new AbortController();
      const call = start(controller.signal);
      controller.abort();
      await expect(call).rejects.toEqual(failsWith('cancelled'));
      // Answered after the cancelled call was.
      await model.fork(context);
    };
    await leave((signal) => model.encode({ ...about, id: 'x' as PatchesId }, signal));
    await vi.waitFor(() =>
      expect(releasePicture).toHaveBeenCalledExactlyOnceWith({ picture }, expect.anything()),
    );
    await leave((signal) => model.extend(context, [], signal));
    expect(release).not.toHaveBeenCalled();
    await leave((signal) => model.extend(null, [], signal));
    await vi.waitFor(() =>
      expect(release).toHaveBeenCalledExactlyOnceWith({ context }, expect.anything()),
    );
    client.unload();
  });
});
