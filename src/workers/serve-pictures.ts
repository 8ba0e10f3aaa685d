/** How a thread answers for its pictures, whatever opens them: the imaging worker and the peer. */
import type { OpenPicture, PictureId, PictureView } from '../core/contracts/pictures.ts';
import type { ImageRules } from '../core/contracts/profile.ts';
import { ErgoError } from '../core/errors.ts';
import type { ImagingProtocol } from './protocol.ts';
import type { CallContext, Handlers } from './rpc/server.ts';

interface Source<P> {
  open(file: Blob, rules: ImageRules, signal?: AbortSignal): Promise<P>;
}

/** Open pictures by their ids, and handlers of every verb but `connect`. */
export function servePictures<P extends OpenPicture>(source: Source<P>) {
  const pictures = new Map<PictureId, P>();

  /** @throws ErgoError `bad-request` if it is closed */
  function find(id: PictureId): P {
    const picture = pictures.get(id);
    if (!picture) throw new ErgoError('bad-request', 'This picture is closed.');
    return picture;
  }

  const handlers: Omit<Handlers<ImagingProtocol>, 'connect'> = {
    async open({ file, rules }, { signal }) {
      const picture = await source.open(file, rules, signal);
      pictures.set(picture.id, picture);
      return { id: picture.id, info: picture.info };
    },
    async view({ picture, kind, request }, context) {
      const options = { ...request, signal: context.signal };
      return moved(find(picture).view(kind, options), context);
    },
    async crop({ picture, region, request }, context) {
      const options = { ...request, signal: context.signal };
      return moved(find(picture).crop(region, options), context);
    },
    async discard({ picture, patches }) {
      // With the picture all of its patches were discarded.
      await pictures.get(picture)?.discard(patches);
      return undefined;
    },
    async close({ picture }) {
      await pictures.get(picture)?.close();
      pictures.delete(picture);
      return undefined;
    },
  };
  return { find, handlers };
}

/** Moves the preview instead of copying it. */
async function moved(
  view: Promise<PictureView>,
  context: CallContext<never>,
): Promise<PictureView> {
  const { preview } = await view;
  if (preview) context.transfer(preview);
  return view;
}
