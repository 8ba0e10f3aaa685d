import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ErgoError } from '../../core/errors.ts';
import { createRpcClient, type RpcClient } from './client.ts';
import { serveRpc } from './server.ts';
import { createWorkerClient } from './worker-client.ts';

interface TestProtocol {
  double: { in: number; progress: never; out: number };
  count: { in: { to: number }; progress: number; out: string };
  fails: { in: undefined; progress: never; out: undefined };
  gives: { in: number; progress: never; out: ArrayBuffer };
  hangs: { in: undefined; progress: never; out: undefined };
}

let channel: MessageChannel;
let client: RpcClient<TestProtocol>;
let stop: () => void;
const cancelledAt = vi.fn<(value: number) => void>();
const kept = vi.fn<(bytes: number) => void>();

beforeEach(() => {
  cancelledAt.mockReset();
  kept.mockReset();
  channel = new MessageChannel();
  client = createRpcClient<TestProtocol>(channel.port1);
  stop = serveRpc<TestProtocol>(channel.port2, {
    double: (value) => value * 2,
    count: async ({ to }, { progress, breathe }) => {
      for (let i = 0; i < to; i++) {
        progress(i);
        try {
          await breathe();
        } catch (error) {
          cancelledAt(i);
          throw error;
        }
      }
      return `counted to ${to}`;
    },
    fails: () => {
      throw new ErgoError('out-of-memory', 'No room.', { detail: { bytes: 7 } });
    },
    gives: (bytes, { transfer }) => {
      const buffer = new ArrayBuffer(bytes);
      transfer(buffer);
      setTimeout(() => kept(buffer.byteLength), 5);
      return buffer;
    },
    hangs: () => new Promise(() => undefined),
  });
});

afterEach(() => {
  stop();
  channel.port1.close();
});

describe('call', () => {
  it('answers calls that overlap, each with its own result', async () => {
    expect(await Promise.all([1, 2, 3].map((n) => client.call('double', n)))).toEqual([2, 4, 6]);
  });

  it('reports progress before the result', async () => {
    const seen: number[] = [];
    const result = await client.call('count', { to: 3 }, { onProgress: (n) => seen.push(n) });
    expect([seen, result]).toEqual([[0, 1, 2], 'counted to 3']);
  });

  it('rejects with the code, message and detail of the server', async () => {
    await expect(client.call('fails', undefined)).rejects.toMatchObject({
      code: 'out-of-memory',
      message: 'No room.',
      detail: { bytes: 7 },
    });
  });

  it('moves what the server transfers', async () => {
    expect((await client.call('gives', 64)).byteLength).toBe(64);
    await vi.waitFor(() => expect(kept).toHaveBeenCalledWith(0));
  });

  it('rejects an input that cannot be cloned', async () => {
    const input = (() => 1) as unknown as number;
    await expect(client.call('double', input)).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('cancel', () => {
  it('rejects at once and stops the server between two steps', async () => {
    const controller = new AbortController();
    const call = client.call(
      'count',
      { to: 1e6 },
      { signal: controller.signal, onProgress: (n) => n === 5 && controller.abort() },
    );
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => expect(cancelledAt).toHaveBeenCalledOnce());
    expect(await client.call('double', 4)).toBe(8);
  });

  it('hands over a result that came too late, once', async () => {
    const controller = new AbortController();
    const onLate = vi.fn<(value: number) => void>();
    const call = client.call('double', 4, { signal: controller.signal, onLate });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => expect(onLate).toHaveBeenCalledExactlyOnceWith(8));
    await client.call('double', 5, { signal: AbortSignal.timeout(1000), onLate });
    expect(onLate).toHaveBeenCalledOnce();
  });

  it('does not send a call whose signal has fired', async () => {
    const call = client.call('double', 1, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('stream', () => {
  it('yields progress in order and returns the output', async () => {
    const stream = client.stream('count', { to: 4 });
    const seen: number[] = [];
    let step = await stream.next();
    while (!step.done) {
      seen.push(step.value);
      step = await stream.next();
    }
    expect([seen, step.value]).toEqual([[0, 1, 2, 3], 'counted to 4']);
  });

  it('cancels when the iteration is left early', async () => {
    for await (const n of client.stream('count', { to: 1e6 })) if (n === 3) break;
    await vi.waitFor(() => expect(cancelledAt).toHaveBeenCalledOnce());
  });

  it('throws cancelled when its signal fires', async () => {
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      for await (const n of client.stream('count', { to: 1e6 }, { signal: controller.signal })) {
        if (n === 3) controller.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('death of the worker', () => {
  it('rejects every pending and every later call', async () => {
    const pending = [client.call('hangs', undefined), client.stream('hangs', undefined).next()];
    client.fail(new ErgoError('worker-died', 'Gone.'));
    for (const call of pending) await expect(call).rejects.toMatchObject({ code: 'worker-died' });
    await expect(client.call('double', 1)).rejects.toMatchObject({ code: 'worker-died' });
    expect(client.failed.aborted).toBe(true);
  });

  it('follows from an error event', async () => {
    const listeners = new Map<string, (event: Event & MessageEvent) => void>();
    const worker = {
      postMessage: () => undefined,
      addEventListener: (type: string, listener: (event: Event & MessageEvent) => void) =>
        void listeners.set(type, listener),
      removeEventListener: () => undefined,
      terminate: vi.fn<() => void>(),
    };
    const dying = createWorkerClient<TestProtocol>(worker, 'test');
    const call = dying.call('hangs', undefined);
    listeners.get('error')?.(new MessageEvent('error'));
    await expect(call).rejects.toMatchObject({ code: 'worker-died' });
    expect(worker.terminate).toHaveBeenCalledOnce();
  });
});
