/**
 * The imaging worker from the page. Whenever it is broken another one takes its place, and a
 * picture outlives it: the next call opens it there again, from the file that the page still has.
 */
import type { DrawablePicture, DrawablePictureSource } from '../../core/contracts/pictures.ts';
import type { ImageRules } from '../../core/contracts/profile.ts';
import { ErgoError } from '../../core/errors.ts';
import { shareWork, type SharedWork } from '../../core/session/shared-work.ts';
import imagingScript from '../imaging.worker.ts?worker&url';
import type { DrawingProtocol } from '../protocol.ts';
import { createWorkerClient, type WorkerClient, type WorkerLike } from '../rpc/worker-client.ts';
import { picturesOf } from './pictures-client.ts';
import { startWorker } from './start-worker.ts';

export interface ImagingClientOptions {
  /** A new worker needs a channel to the engine: `connect` is to be called, if there is one. */
  readonly onReplaced: () => void;
  /** For tests. */
  readonly createWorker?: () => WorkerLike;
}

export interface ImagingClient extends DrawablePictureSource {
  /** Where the patches go, before the first view; again for a new engine. The port is moved. */
  connect(patches: MessagePort): void;
  /** Milliseconds without a word although somebody waits; null if nobody does. */
  silence(): number | null;
  /** Ends the worker; what waits for it rejects with the reason. */
  end(reason: ErgoError): void;
}

interface Held {
  readonly client: WorkerClient<DrawingProtocol>;
  readonly picture: DrawablePicture;
}

export function createImagingClient(options: ImagingClientOptions): ImagingClient {
  const createWorker = options.createWorker ?? (() => startWorker(imagingScript, 'imaging'));
  const start = (): WorkerClient<DrawingProtocol> =>
    createWorkerClient<DrawingProtocol>(createWorker(), 'imaging');
  let current = start();

  function working(): WorkerClient<DrawingProtocol> {
    if (current.failed.aborted) {
      current = start();
      options.onReplaced();
    }
    return current;
  }

  async function openHere(file: Blob, rules: ImageRules, signal?: AbortSignal): Promise<Held> {
    const client = working();
    return { client, picture: await picturesOf(client).open(file, rules, signal) };
  }

  return {
    connect(patches) {
      // Whatever takes the place of a worker that is gone asks for a channel of its own.
      current.call('connect', { patches }, { transfer: [patches] }).catch(() => undefined);
    },
    silence: () => current.silence(),
    end: (reason) => current.terminate(reason),

    async open(file, rules, signal) {
      let held = await openHere(file, rules, signal);
      let reopening: SharedWork<void> | null = null;
      let isClosed = false;

      async function reopen(): Promise<void> {
        held = await openHere(file, rules);
        if (isClosed) await held.picture.close();
      }

      /** What was stopped in its worker comes to its end first, or ends the worker. */
      async function here(calls?: AbortSignal): Promise<DrawablePicture> {
        await shareWork(held.client.settled()).wait(calls);
        if (isClosed) throw new ErgoError('bad-request', 'This picture is closed.');
        if (held.client.failed.aborted) {
          const work = (reopening ??= shareWork(reopen().finally(() => (reopening = null))));
          await work.wait(calls);
        }
        return held.picture;
      }

      return {
        id: held.picture.id,
        info: held.picture.info,
        view: async (kind, view) => (await here(view.signal)).view(kind, view),
        crop: async (region, view) => (await here(view.signal)).crop(region, view),
        glance: async (calls) => (await here(calls)).glance(calls),
        discard: (patches) => held.picture.discard(patches),
        async close() {
          isClosed = true;
          await held.picture.close();
        },
      };
    },
  };
}
