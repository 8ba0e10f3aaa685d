/**
 * The peer's thread: stock transformers.js behind the verbs of the engine. Its pictures are its own
 * as well, so the channel that brings patches to the engine is here the one that asks for views.
 */
import type { OpenPicture, PictureId } from '../core/contracts/pictures.ts';
import { ErgoError } from '../core/errors.ts';
import { filesOf, profileOf } from '../models/manifest.ts';
import { openLibrary, type Library } from '../peer/library.ts';
import { createPeer, type PeerModel } from '../peer/model.ts';
import { createPictures } from '../peer/pictures.ts';
import type { EngineProtocol, ImagingProtocol } from './protocol.ts';
import { serveRpc } from './rpc/server.ts';

let library: Library | undefined;
let loaded: PeerModel | undefined;
const source = createPictures(() => here(library).images);
const pictures = new Map<PictureId, OpenPicture>();

function here<T>(value: T | undefined): T {
  if (value === undefined) throw new ErgoError('model-not-loaded', 'No model is loaded.');
  return value;
}

function find(id: PictureId): OpenPicture {
  const picture = pictures.get(id);
  if (!picture) throw new ErgoError('bad-request', 'This picture is closed.');
  return picture;
}

serveRpc<EngineProtocol>(self, {
  connect({ patches: port }) {
    serveRpc<ImagingProtocol>(port, {
      connect: () => undefined,
      async open({ file, rules }, { signal }) {
        const picture = await source.open(file, rules, signal);
        pictures.set(picture.id, picture);
        return { id: picture.id, info: picture.info };
      },
      view: ({ picture, kind, request }, { signal }) =>
        find(picture).view(kind, { ...request, signal }),
      crop: ({ picture, region, request }, { signal }) =>
        find(picture).crop(region, { ...request, signal }),
      async discard({ picture, patches }) {
        await pictures.get(picture)?.discard(patches);
        return undefined;
      },
      async close({ picture }) {
        await pictures.get(picture)?.close();
        pictures.delete(picture);
        return undefined;
      },
    });
    return undefined;
  },

  async load(request, { progress }) {
    const { dtype } = request;
    const { manifest } = request.source;
    progress({ phase: 'sessions', session: 'transformers.js' });
    library = await openLibrary(request, (reason) =>
      progress({ phase: 'fallback', from: 'webgpu', reason }),
    );
    const info = { profile: profileOf(manifest), dtype, device: library.device };
    const weightBytes = filesOf(manifest, dtype).reduce((sum, { bytes }) => sum + bytes, 0);
    loaded = createPeer({ info, library, weightBytes, take: (id) => source.take(id) });
    return info;
  },

  async unload() {
    await loaded?.dispose();
    loaded = undefined;
    return undefined;
  },

  encode: ({ patches }) => here(loaded).encode(patches),

  extend: ({ context, parts }) => here(loaded).extend(context, parts),

  generate: ({ context, options }, { signal, progress }) =>
    here(loaded).generate(context, { ...options, signal }, progress),

  fork: ({ context }) => here(loaded).fork(context),

  release({ context }) {
    here(loaded).release(context);
    return undefined;
  },

  releasePicture({ picture }) {
    here(loaded).releasePicture(picture);
    return undefined;
  },

  memory: () => here(loaded).memory(),
});
