/** The backend, fetched once; zod, the policies and the workers are not needed to paint. */
import { importAgain } from '../../core/again.ts';
import { startOffline } from '../../workers/clients/offline.ts';
import type * as BackendModule from './backend.ts';

export type Backend = typeof BackendModule;

let loading: Promise<Backend> | undefined;

export function loadBackend(): Promise<Backend> {
  if (loading) return loading;
  // What starts after the service worker is isolated by it, and healed by it when it is lost.
  const mine = startOffline().then(() => importAgain(() => import('./backend.ts')));
  // What was lost can be asked for again.
  mine.catch(() => (loading = undefined));
  return (loading = mine);
}
