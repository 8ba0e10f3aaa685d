/** The backend, fetched once; zod, the policies and the workers are not needed to paint. */
import { startOffline } from '../../workers/clients/offline.ts';
import type * as BackendModule from './backend.ts';

export type Backend = typeof BackendModule;

let loading: Promise<Backend> | undefined;

export function loadBackend(): Promise<Backend> {
  // The service worker keeps only what is loaded after it has started.
  loading ??= startOffline().then(() => import('./backend.ts'));
  return loading;
}
