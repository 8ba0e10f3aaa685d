/** Downloads models while nobody waits for them; see `src/models/store`. */
import { openStore } from '../models/store/store.ts';
import type { StoreProtocol } from './protocol.ts';
import { serveRpc } from './rpc/server.ts';
import { announce } from './rpc/started.ts';

serveRpc<StoreProtocol>(self, {
  async download({ source, dtype }, { signal, progress }) {
    const store = await openStore();
    await store.download(source, dtype, { signal, progress });
    return undefined;
  },
});

announce(self);
