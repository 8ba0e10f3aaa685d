/** The imaging worker as a PictureSource. */
import type {
  DrawablePicture,
  DrawablePictureSource,
  PatchesRef,
  PictureId,
  PictureView,
} from '../../core/contracts/pictures.ts';
import type { ErgoError } from '../../core/errors.ts';
import imagingScript from '../imaging.worker.ts?worker&url';
import type { DrawingProtocol } from '../protocol.ts';
import { createWorkerClient, type WorkerLike } from '../rpc/worker-client.ts';
import { startWorker } from './start-worker.ts';

export interface ImagingClient extends DrawablePictureSource {
  /** Where the patches go, before the first view; again for a new engine. The port is moved. */
  connect(patches: MessagePort): Promise<void>;
  terminate(): void;
  /** Fires when the worker is gone; its reason is the ErgoError. */
  readonly failed: AbortSignal;
}

/**
 * @param createWorker for tests
 * @throws ErgoError `worker-died` from any call after its death
 */
export function createImagingClient(
  createWorker: () => WorkerLike = () => startWorker(imagingScript, 'imaging'),
): ImagingClient {
  const client = createWorkerClient<DrawingProtocol>(createWorker(), 'imaging');
  // A worker that is gone has nothing left to free.
  const close = async (picture: PictureId): Promise<void> => {
    if (!client.failed.aborted) await client.call('close', { picture });
  };
  return {
    failed: client.failed,
    terminate: (reason?: ErgoError) => client.terminate(reason),
    async connect(patches) {
      await client.call('connect', { patches }, { transfer: [patches] });
    },
    async open(file, rules, signal): Promise<DrawablePicture> {
      const { id, info } = await client.call(
        'open',
        { file, rules },
        { signal, onLate: ({ id }) => ignore(close(id)) },
      );
      const discard = async (patches: PatchesRef): Promise<void> => {
        if (!client.failed.aborted) await client.call('discard', { picture: id, patches });
      };
      const onLate = ({ preview, patches }: PictureView): void => {
        preview?.close();
        ignore(discard(patches));
      };
      return {
        id,
        info,
        view: (kind, { signal, ...request }) =>
          client.call('view', { picture: id, kind, request }, { signal, onLate }),
        crop: (region, { signal, ...request }) =>
          client.call('crop', { picture: id, region, request }, { signal, onLate }),
        glance: (signal) =>
          client.call('glance', { picture: id }, { signal, onLate: (bitmap) => bitmap?.close() }),
        discard,
        close: () => close(id),
      };
    },
  };
}

/** For what nobody waits for: it fails only with the worker. */
function ignore(call: Promise<unknown>): void {
  call.catch(() => undefined);
}
