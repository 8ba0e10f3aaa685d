/** Entry of the imaging worker: everything that touches pixels, behind DrawingProtocol. */
import type { DrawablePicture, PictureId, PictureView } from '../core/contracts/pictures.ts';
import { ErgoError } from '../core/errors.ts';
import { createPictureSource } from '../imaging/source.ts';
import type { DrawingProtocol } from './protocol.ts';
import { macrotask, serveRpc, type CallContext } from './rpc/server.ts';

const pictures = new Map<PictureId, DrawablePicture>();
let port: MessagePort | null = null;

const source = createPictureSource((message, transfer) => {
  if (port === null) throw new ErgoError('bad-request', 'No engine is connected.');
  port.postMessage(message, transfer);
}, macrotask);

function find(id: PictureId): DrawablePicture {
  const picture = pictures.get(id);
  if (!picture) throw new ErgoError('bad-request', 'This picture is closed.');
  return picture;
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

serveRpc<DrawingProtocol>(self, {
  connect({ patches }) {
    port = patches;
    return undefined;
  },
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
  async glance({ picture }, { signal, transfer }) {
    const bitmap = await find(picture).glance(signal);
    if (bitmap) transfer(bitmap);
    return bitmap;
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
});
