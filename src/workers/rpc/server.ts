/** Answering side of the worker protocol. */
import { ErgoError, throwIfCancelled, toWire } from '../../core/errors.ts';
import { holdLife } from './life.ts';
import type {
  Endpoint,
  In,
  Out,
  Progress,
  Protocol,
  Request,
  Response,
  VerbOf,
} from './messages.ts';

export interface CallContext<Reported> {
  /** Fires when the caller cancelled. Look at it between tokens and between stages. */
  readonly signal: AbortSignal;
  readonly progress: (value: Reported, transfer?: Transferable[]) => void;
  /** Objects of the output that are moved instead of copied. */
  readonly transfer: (...objects: Transferable[]) => void;
  /**
   * Lets the event loop deliver waiting messages (a cancel, say), then throws if cancelled. Needed
   * in loops that only await what resolves in microtasks, as wasm inference does.
   * @throws ErgoError `cancelled`
   */
  readonly breathe: () => Promise<void>;
}

export type Handlers<P extends Protocol<P>> = {
  readonly [V in VerbOf<P>]: (
    input: In<P, V>,
    context: CallContext<Progress<P, V>>,
  ) => Promise<Out<P, V>> | Out<P, V>;
};

/**
 * Answers calls until the returned function is called. Calls run concurrently; a handler that
 * must not overlap with others queues itself (see `createQueue`).
 */
export function serveRpc<P extends Protocol<P>>(
  endpoint: Endpoint,
  handlers: Handlers<P>,
): () => void {
  const running = new Map<number, AbortController>();
  const send = (response: Response, transfer: Transferable[] = []): void =>
    endpoint.postMessage(response, transfer);

  async function run(id: number, verb: string, input: unknown): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    const moved: Transferable[] = [];
    try {
      if (!isVerb(handlers, verb)) {
        throw new ErgoError('internal', `The worker knows no verb "${verb}".`);
      }
      const value = await handlers[verb](input, {
        signal: controller.signal,
        progress: (reported, transfer) => {
          if (!controller.signal.aborted) send({ id, kind: 'progress', value: reported }, transfer);
        },
        transfer: (...objects) => void moved.push(...objects),
        breathe: async () => {
          await macrotask();
          throwIfCancelled(controller.signal);
        },
      });
      send({ id, kind: 'done', value }, moved);
    } catch (thrown) {
      send({ id, kind: 'failed', error: toWire(thrown) });
    } finally {
      running.delete(id);
    }
  }

  const onMessage = (event: MessageEvent<Request>): void => {
    const message = event.data;
    if (message.kind === 'call') void run(message.id, message.verb, message.input);
    else running.get(message.id)?.abort();
  };
  endpoint.addEventListener('message', onMessage);
  endpoint.start?.();
  const letGo = holdLife((lock) => send({ kind: 'alive', lock }));
  return () => {
    letGo();
    endpoint.removeEventListener('message', onMessage);
    for (const controller of running.values()) controller.abort();
  };
}

function isVerb<P extends Protocol<P>>(handlers: Handlers<P>, verb: string): verb is VerbOf<P> {
  return Object.hasOwn(handlers, verb);
}

/** One turn of the event loop. A MessageChannel, because timers are clamped to 4 ms. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
