/** A client whose other side is a Worker: its death rejects every pending and later call. */
import { ErgoError } from '../../core/errors.ts';
import { createRpcClient, type RpcClient } from './client.ts';
import { whenGone } from './life.ts';
import type { Endpoint, Protocol } from './messages.ts';
import { createWatch, type Watch } from './watch.ts';

/** What is used of a Worker. */
export interface WorkerLike extends Endpoint {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
}

export interface WorkerClient<P extends Protocol<P>>
  extends RpcClient<P>, Pick<Watch, 'silence' | 'settled'> {
  /** Ends the worker. For a hang, a lost device, or when it is not needed any more. */
  terminate(reason?: ErgoError): void;
}

/**
 * @param name for messages, "engine" or "imaging"
 */
export function createWorkerClient<P extends Protocol<P>>(
  worker: WorkerLike,
  name: string,
): WorkerClient<P> {
  const watch = createWatch(() =>
    terminate(
      new ErgoError('worker-died', `The ${name} worker hung: what was stopped did not stop.`),
    ),
  );
  const client = createRpcClient<P>(worker, {
    watch,
    onAlive: (lock) =>
      whenGone(lock, client.failed, () =>
        terminate(new ErgoError('worker-died', `The ${name} worker ended without a word.`)),
      ),
  });
  const terminate = (reason?: ErgoError): void => {
    worker.terminate();
    client.fail(reason ?? new ErgoError('worker-died', `The ${name} worker was ended.`));
  };
  // An error event is an exception that nothing in the worker caught, or a script that did not
  // load: its state is unknown, so it is not used any further.
  worker.addEventListener('error', (event) => {
    if ('error' in event && event.error instanceof ErgoError) return terminate(event.error);
    const message =
      'message' in event && typeof event.message === 'string' ? `: ${event.message}` : '';
    terminate(new ErgoError('worker-died', `The ${name} worker failed${message}.`));
  });
  worker.addEventListener('messageerror', () =>
    terminate(new ErgoError('worker-died', `A message of the ${name} worker was unreadable.`)),
  );
  return { ...client, terminate, silence: () => watch.silence(), settled: () => watch.settled() };
}
