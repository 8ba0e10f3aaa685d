/** Stock transformers.js from the page, as a model and a source of pictures of their own. */
import type { DrawablePictureSource, PictureSource } from '../../core/contracts/pictures.ts';
import { ErgoError } from '../../core/errors.ts';
import peerScript from '../peer.worker.ts?worker&url';
import type { DrawingProtocol } from '../protocol.ts';
import { createWorkerClient, type WorkerClient, type WorkerLike } from '../rpc/worker-client.ts';
import { createEngineClient, type EngineClient } from './engine-client.ts';
import { picturesOf } from './pictures-client.ts';
import { startWorker } from './start-worker.ts';

export interface PeerClient extends PictureSource {
  readonly load: EngineClient['load'];
}

/** Pictures can be opened once a model is loaded, and have to be opened again for another one. */
export function createPeerClient(): PeerClient {
  let images: WorkerClient<DrawingProtocol> | undefined;
  let pictures: DrawablePictureSource | undefined;
  const engine = createEngineClient({
    createWorker() {
      const worker = startWorker(peerScript, 'peer');
      // A channel does not tell that its other end has died.
      worker.addEventListener('error', () => images?.terminate());
      return worker;
    },
    onPatchPort(port) {
      images?.terminate();
      images = createWorkerClient<DrawingProtocol>(asWorker(port), 'peer');
      pictures = picturesOf(images);
    },
  });
  return {
    load: (request, options) => engine.load(request, options),
    open(file, rules, signal) {
      if (!pictures) throw new ErgoError('model-not-loaded', 'No model is loaded.');
      return pictures.open(file, rules, signal);
    },
  };
}

/** Its end is the end of the channel. */
function asWorker(port: MessagePort): WorkerLike {
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    addEventListener: (type: string, listener: (event: MessageEvent) => void) =>
      port.addEventListener(type, listener as EventListener),
    removeEventListener: (type, listener) => port.removeEventListener(type, listener),
    start: () => port.start(),
    terminate: () => port.close(),
  };
}
