/** A worker in the test's own thread. */
import type { Protocol } from './messages.ts';
import { serveRpc, type Handlers } from './server.ts';
import type { WorkerLike } from './worker-client.ts';

/** @param handlers those that the test needs */
export function fakeWorker<P extends Protocol<P>>(
  handlers: Partial<Handlers<P>>,
  onEnd: () => void = () => undefined,
): WorkerLike {
  const { port1, port2 } = new MessageChannel();
  serveRpc<P>(port2, handlers as Handlers<P>);
  return {
    postMessage: (message, transfer) => port1.postMessage(message, transfer),
    addEventListener: (type: string, listener: (event: never) => void) =>
      port1.addEventListener(type as 'message', listener as (event: MessageEvent) => void),
    removeEventListener: (type, listener) => port1.removeEventListener(type, listener),
    start: () => port1.start(),
    terminate() {
      onEnd();
      port1.close();
    },
  };
}
