import { describe, expect, it, vi } from 'vitest';
import { ErgoError } from '../../core/errors.ts';
import { createWorkerClient, type WorkerLike } from '../rpc/worker-client.ts';
import { fakeWorker } from '../rpc/testing.ts';
import { STARTED } from '../rpc/started.ts';
import { startWorker, type StartParts } from './start-worker.ts';

interface Echo {
  echo: { in: string; progress: never; out: string };
}

/** A worker whose script does not come: an error event without a word. */
function lostWorker(event = new Event('error')): WorkerLike {
  return {
    ...fakeWorker<Echo>({}),
    addEventListener(type: string, listener: (event: never) => void) {
      if (type === 'error') setTimeout(() => listener(event as never));
    },
  };
}

function liveWorker(): WorkerLike {
  const worker = fakeWorker<Echo>({ echo: (text) => text });
  return {
    ...worker,
    addEventListener(type: string, listener: (event: never) => void) {
      worker.addEventListener(type as 'message', listener as () => void);
      if (type === 'message') setTimeout(() => listener({ data: STARTED } as never));
    },
  };
}

/** @param workers one attempt each */
function start(...workers: WorkerLike[]) {
  const create = vi.fn<StartParts['create']>(() => workers.shift() ?? lostWorker());
  const worker = startWorker('https://host/echo.js', 'echo', { pauses: [0, 0], create });
  return { client: createWorkerClient<Echo>(worker, 'echo'), create };
}

describe('a worker whose script is lost', () => {
  it('is started again from a fresh address, and gets what was said to it meanwhile', async () => {
    const { client, create } = start(lostWorker(), liveWorker());
    expect(await client.call('echo', 'here?')).toBe('here?');
    expect(create.mock.calls).toEqual([
      ['https://host/echo.js', 'echo'],
      ['https://host/echo.js?again=1', 'echo'],
    ]);
    client.terminate();
  });

  it('is given up in the end as a lost download', async () => {
    const { client, create } = start();
    await expect(client.call('echo', 'here?')).rejects.toMatchObject({
      code: 'download-interrupted',
    });
    expect(create).toHaveBeenCalledTimes(3);
    expect(client.failed.reason).toBeInstanceOf(ErgoError);
  });

  it('is told from one whose script throws', async () => {
    const thrown = Object.assign(new Event('error'), { message: 'x is not defined' });
    const { client, create } = start(lostWorker(thrown));
    await expect(client.call('echo', 'here?')).rejects.toMatchObject({ code: 'worker-died' });
    expect(create).toHaveBeenCalledTimes(1);
  });
});
