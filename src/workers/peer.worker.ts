/**
 * The peer's thread: stock transformers.js behind the verbs of the engine. Its pictures are its own
 * as well, so the channel that brings patches to the engine is here the one that asks for views.
 */
import { ErgoError } from '../core/errors.ts';
import { filesOf } from '../models/source.ts';
import { openLibrary, type Library } from '../peer/library.ts';
import { createPeer, type PeerModel } from '../peer/model.ts';
import { createPictures } from '../peer/pictures.ts';
import type { EngineProtocol, ImagingProtocol } from './protocol.ts';
import { serveRpc } from './rpc/server.ts';
import { announce } from './rpc/started.ts';
import { servePictures } from './serve-pictures.ts';

let library: Library | undefined;
let loaded: PeerModel | undefined;
const source = createPictures(() => here(library).images);
const pictures = servePictures(source);

function here<T>(value: T | undefined): T {
  if (value === undefined) throw new ErgoError('model-not-loaded', 'No model is loaded.');
  return value;
}

serveRpc<EngineProtocol>(self, {
  connect({ patches: port }) {
    serveRpc<ImagingProtocol>(port, { connect: () => undefined, ...pictures.handlers });
    return undefined;
  },

  async load(request, { progress }) {
    const { dtype, source: model } = request;
    await loaded?.dispose();
    loaded = undefined;
    progress({ phase: 'sessions', session: 'transformers.js' });
    library = await openLibrary(request, (reason) =>
      progress({ phase: 'fallback', from: 'webgpu', reason }),
    );
    const info = { profile: model.profile, dtype, device: library.device };
    const weightBytes = filesOf(model, dtype).reduce((sum, { bytes }) => sum + bytes, 0);
    loaded = createPeer({ info, library, weightBytes, take: (id) => source.take(id) });
    return info;
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

  count: ({ words }) => here(loaded).count(words),

  memory: () => here(loaded).memory(),
});

announce(self);
