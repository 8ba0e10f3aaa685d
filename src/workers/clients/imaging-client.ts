/** The imaging worker as a PictureSource. */
import type { OpenPicture, PictureSource } from '../../core/contracts/pictures.ts';
import type { ErgoError } from '../../core/errors.ts';
import type { ImagingProtocol } from '../protocol.ts';
import { createWorkerClient } from '../rpc/worker-client.ts';

export interface ImagingClient extends PictureSource {
  /** Where the patches go, before the first view; again for a new engine. The port is moved. */
  connect(patches: MessagePort): Promise<void>;
  terminate(): void;
  /** Fires when the worker is gone; its reason is the ErgoError. */
  readonly failed: AbortSignal;
}

/** Starts the worker. @throws ErgoError `worker-died` from any call after its death */
export function createImagingClient(): ImagingClient {
  const worker = new Worker(new URL('../imaging.worker.ts', import.meta.url), {
    type: 'module',
    name: 'imaging',
  });
  const client = createWorkerClient<ImagingProtocol>(worker, 'imaging');
  return {
    failed: client.failed,
    terminate: (reason?: ErgoError) => client.terminate(reason),
    async connect(patches) {
      await client.call('connect', { patches }, { transfer: [patches] });
    },
    async open(file, rules, signal): Promise<OpenPicture> {
      const { id, info } = await client.call('open', { file, rules }, { signal });
      return {
        id,
        info,
        view: (kind, { signal, ...request }) =>
          client.call('view', { picture: id, kind, request }, { signal }),
        crop: (region, { signal, ...request }) =>
          client.call('crop', { picture: id, region, request }, { signal }),
        async close() {
          if (!client.failed.aborted) await client.call('close', { picture: id });
        },
      };
    },
  };
}
