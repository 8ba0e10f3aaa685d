/** Pictures of one worker, whose end is theirs: PictureSource over the worker protocol. */
import type {
  DrawablePicture,
  DrawablePictureSource,
  PatchesRef,
  PictureId,
  PictureView,
} from '../../core/contracts/pictures.ts';
import type { DrawingProtocol } from '../protocol.ts';
import type { RpcClient } from '../rpc/client.ts';

/** @throws ErgoError `worker-died` from any call after the worker's death, but none that frees */
export function picturesOf(client: RpcClient<DrawingProtocol>): DrawablePictureSource {
  // A worker that is gone has nothing left to free.
  const close = async (picture: PictureId): Promise<void> => {
    if (!client.failed.aborted) await client.call('close', { picture }, { isBrief: true });
  };
  return {
    async open(file, rules, signal): Promise<DrawablePicture> {
      const { id, info } = await client.call(
        'open',
        { file, rules },
        { signal, onLate: ({ id }) => ignore(close(id)) },
      );
      const discard = async (patches: PatchesRef): Promise<void> => {
        const input = { picture: id, patches };
        if (!client.failed.aborted) await client.call('discard', input, { isBrief: true });
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
