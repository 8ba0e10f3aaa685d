/** The engine's thread: one model at a time, pixels by a port from the imaging worker. */
import type { PatchMessage } from '../core/contracts/pictures.ts';
import { ErgoError } from '../core/errors.ts';
import { createPatchInbox } from '../engine/inbox.ts';
import { loadModel } from '../engine/load.ts';
import type { LocalModel } from '../engine/vlm.ts';
import { openStore } from '../models/store/store.ts';
import type { EngineProtocol } from './protocol.ts';
import { macrotask, serveRpc } from './rpc/server.ts';
import { announce } from './rpc/started.ts';

const inbox = createPatchInbox();
let loaded: LocalModel | undefined;

// A rejection that nobody waits for comes out of onnxruntime's own callbacks: the call that caused it
// will never settle. As an uncaught error it makes the client replace this worker.
self.addEventListener('unhandledrejection', ({ reason }) => {
  setTimeout(() => {
    throw reason;
  });
});

function model(): LocalModel {
  if (!loaded) throw new ErgoError('model-not-loaded', 'No model is loaded.');
  return loaded;
}

serveRpc<EngineProtocol>(self, {
  connect({ patches }) {
    patches.addEventListener('message', (event: MessageEvent<PatchMessage>) =>
      inbox.receive(event.data),
    );
    patches.start();
    return undefined;
  },

  async load(request, { signal, progress }) {
    const old = loaded;
    loaded = undefined;
    await old?.dispose();
    const weights = await openStore();
    const parts = { weights, inbox, breathe: macrotask, progress, signal };
    loaded = await loadModel(request, parts);
    return loaded.info;
  },

  encode: ({ patches }, { signal }) => model().encode(patches, signal),

  extend: ({ context, parts }, { signal, progress }) =>
    model().extend(context, parts, signal, (done, total) => progress({ done, total })),

  async generate({ context, options }, { signal, progress, breathe }) {
    const steps = model().generate(context, { ...options, signal });
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
      progress(step.value);
      // wasm inference resolves in microtasks: without this a cancel would never be delivered.
      await breathe();
    }
  },

  fork: ({ context }, { signal }) => model().fork(context, signal),

  async release({ context }) {
    await model().release(context);
    return undefined;
  },

  async releasePicture({ picture }) {
    await model().releasePicture(picture);
    return undefined;
  },

  count: ({ words }) => model().count(words),

  memory: () => model().memory(),
});

announce(self);
