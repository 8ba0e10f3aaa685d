/** Entry of the imaging worker: everything that touches pixels, behind DrawingProtocol. */
import { ErgoError } from '../core/errors.ts';
import { createPictureSource } from '../imaging/source.ts';
import type { DrawingProtocol } from './protocol.ts';
import { macrotask, serveRpc } from './rpc/server.ts';
import { announce } from './rpc/started.ts';
import { servePictures } from './serve-pictures.ts';

let port: MessagePort | null = null;

const source = createPictureSource((message, transfer) => {
  if (port === null) throw new ErgoError('bad-request', 'No engine is connected.');
  port.postMessage(message, transfer);
}, macrotask);

const { find, handlers } = servePictures(source);

serveRpc<DrawingProtocol>(self, {
  connect({ patches }) {
    port = patches;
    return undefined;
  },
  ...handlers,
  async glance({ picture }, { signal, transfer }) {
    const bitmap = await find(picture).glance(signal);
    if (bitmap) transfer(bitmap);
    return bitmap;
  },
});

announce(self);
