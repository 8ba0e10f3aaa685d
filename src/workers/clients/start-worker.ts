/** A worker whose script may be lost on its way: started again, until it says that it is there. */
import { freshAddress, PAUSES } from '../../core/again.ts';
import { ErgoError } from '../../core/errors.ts';
import { isStarted } from '../rpc/started.ts';
import type { WorkerLike } from '../rpc/worker-client.ts';

export interface StartParts {
  readonly pauses: readonly number[];
  readonly create: (url: string, name: string) => WorkerLike;
}

const REAL: StartParts = {
  pauses: PAUSES,
  create: (url, name) => new Worker(url, { type: 'module', name }),
};

/** As a worker tells it: the error is what its client rejects every call with. */
class LostScriptEvent extends Event {
  readonly error: ErgoError;

  constructor(error: ErgoError) {
    super('error');
    this.error = error;
  }
}

/**
 * A worker fails before its first word if its script, or one that this imports, does not come.
 * What is posted meanwhile waits here: with a worker that never started it would be lost, and the
 * ports in it. After the last attempt the error event carries `download-interrupted`.
 * @param url of its script
 */
export function startWorker(
  url: string,
  name: string,
  { pauses, create }: StartParts = REAL,
): WorkerLike {
  const listeners: (readonly [string, (event: never) => void])[] = [];
  let waiting: (readonly [unknown, Transferable[]])[] | null = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let worker = begin(0);

  function begin(attempt: number): WorkerLike {
    const begun = create(attempt === 0 ? url : freshAddress(url, attempt), name);
    const onStarted = ({ data }: MessageEvent): void => {
      if (!isStarted(data)) return;
      begun.removeEventListener('message', onStarted);
      const held = waiting ?? [];
      waiting = null;
      for (const [message, transfer] of held) begun.postMessage(message, transfer);
    };
    begun.addEventListener('message', onStarted);
    begun.addEventListener('error', (event) => {
      if (waiting !== null) retry(attempt, event);
      else tell(event);
    });
    for (const [type, listener] of listeners) listen(begun, type, listener);
    return begun;
  }

  function retry(attempt: number, event: Event): void {
    worker.terminate();
    const said = 'message' in event && typeof event.message === 'string' ? event.message : '';
    const pause = pauses[attempt];
    // A script that came and threw says something; one that did not come does not.
    if (said !== '') return tell(event);
    if (pause !== undefined) {
      timer = setTimeout(() => (worker = begin(attempt + 1)), pause);
      return;
    }
    const message = `The script of the ${name} worker did not arrive.`;
    tell(new LostScriptEvent(new ErgoError('download-interrupted', message)));
  }

  function tell(event: Event): void {
    for (const [type, listener] of listeners) {
      if (type === 'error') listener(event as never);
    }
  }

  return {
    postMessage(message, transfer) {
      if (waiting) waiting.push([message, transfer]);
      else worker.postMessage(message, transfer);
    },
    addEventListener(type: string, listener: (event: never) => void) {
      listeners.push([type, listener]);
      listen(worker, type, listener);
    },
    removeEventListener(type, listener) {
      const index = listeners.findIndex(([, other]) => other === (listener as unknown));
      if (index >= 0) listeners.splice(index, 1);
      worker.removeEventListener(type, listener);
    },
    terminate() {
      clearTimeout(timer);
      worker.terminate();
    },
  };
}

/** Errors come through `tell`, which knows what they mean. */
function listen(worker: WorkerLike, type: string, listener: (event: never) => void): void {
  if (type !== 'error') worker.addEventListener(type as 'message', listener as () => void);
}
