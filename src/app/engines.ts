/** What can run a model for a script: the page's own engine, or the library to compare it with. */
import { importAgain } from '../core/again.ts';
import type { EngineName } from '../core/contracts/automation.ts';
import type { PictureSource } from '../core/contracts/pictures.ts';
import type { Backend } from '../features/backend/load-backend.ts';
import type { RemoteModel } from '../workers/clients/remote-model.ts';

export interface Engine {
  readonly load: Backend['loadModel'];
  /** Pictures belong to the model that was loaded last. */
  readonly open: PictureSource['open'];
  /** What was loaded last, and for which request. */
  loaded: { readonly key: string; readonly model: RemoteModel } | null;
}

const engines = new Map<EngineName, Engine>();

/** The same one for the same name: each loads its model once. */
export async function engineOf(name: EngineName, backend: Backend): Promise<Engine> {
  const known = engines.get(name);
  if (known) return known;
  const engine =
    name === 'ergo'
      ? { load: backend.loadModel, open: backend.openPicture, loaded: null }
      : await openPeer();
  engines.set(name, engine);
  return engine;
}

/** Only comparisons need it, so its scripts are fetched only then. */
async function openPeer(): Promise<Engine> {
  const { createPeerClient } = await importAgain(() => import('../workers/clients/peer-client.ts'));
  const peer = createPeerClient();
  return {
    load({ source, dtype }, { device, threads, signal, onProgress, onGone }) {
      const runtimeUrl = new URL('ort/', document.baseURI).href;
      const request = { source, dtype, device, runtimeUrl, ...(threads && { threads }) };
      return peer.load(request, { signal, onGone, ...(onProgress && { onProgress }) });
    },
    open: (file, rules) => peer.open(file, rules),
    loaded: null,
  };
}
