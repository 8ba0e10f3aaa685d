/** `VisionLanguageModel` over the engine worker. */
import type {
  Context,
  EncodedPicture,
  Extended,
  ModelInfo,
  VisionLanguageModel,
} from '../../core/contracts/model.ts';
import { toErgoError, type ErgoError } from '../../core/errors.ts';
import type { EngineProtocol } from '../protocol.ts';
import type { RpcClient } from '../rpc/client.ts';

export type RemoteModel = VisionLanguageModel;

/**
 * Behaves as the model in the worker, with one difference: a call that was cancelled may have been
 * done by the time the worker hears of it. A generation has then appended a token more than the
 * caller saw, and an extension all of its parts.
 * @param onError sees every error of a call before the caller does
 */
export function createRemoteModel(
  client: RpcClient<EngineProtocol>,
  info: ModelInfo,
  onError: (error: ErgoError) => void,
): RemoteModel {
  async function watch<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (thrown) {
      const error = toErgoError(thrown);
      onError(error);
      throw error;
    }
  }

  return {
    info,
    encode(patches, signal) {
      const onLate = (picture: EncodedPicture): void =>
        ignore(client.call('releasePicture', { picture }, { isBrief: true }));
      return watch(client.call('encode', { patches }, { signal, onLate }));
    },
    extend(context, parts, signal, onProgress) {
      // A context that was there before is its owner's to release.
      const onLate = (extended: Extended): void => {
        if (context !== null) return;
        ignore(client.call('release', { context: extended.context }, { isBrief: true }));
      };
      return watch(
        client.call(
          'extend',
          { context, parts },
          { signal, onLate, onProgress: ({ done, total }) => onProgress?.(done, total) },
        ),
      );
    },
    async *generate(context, { signal, ...options }) {
      const steps = client.stream('generate', { context, options }, { signal });
      try {
        return yield* steps;
      } catch (thrown) {
        const error = toErgoError(thrown);
        onError(error);
        throw error;
      }
    },
    fork(context, signal) {
      const onLate = (forked: Context): void =>
        ignore(client.call('release', { context: forked }, { isBrief: true }));
      return watch(client.call('fork', { context }, { signal, onLate }));
    },
    release: (context) => watch(client.call('release', { context }, { isBrief: true })),
    releasePicture: (picture) =>
      watch(client.call('releasePicture', { picture }, { isBrief: true })),
    count: (words) => watch(client.call('count', { words })),
    memory: () => watch(client.call('memory', undefined, { isBrief: true })),
  };
}

/** For what nobody will have: a worker that is gone has freed it already. */
function ignore(freed: Promise<unknown>): void {
  freed.catch(() => undefined);
}
