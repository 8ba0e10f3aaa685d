/** The page's side of the service worker (src/workers/offline.sw.ts). */
import type { KeepMessage } from '../../core/contracts/offline.ts';

/** A page without a service worker works too; it is not worth a longer wait. Milliseconds. */
const PATIENCE = 3000;
const RELOADED = 'ergo-reloaded-for-isolation';

/**
 * Registers the service worker. Await it before starting workers: only what is loaded afterwards
 * is kept by it. Reloads the page once where that makes it cross-origin isolated. The development
 * server has no bundle of it, so nothing comes of it there.
 * @returns is the page controlled, so that the next visit works without a network? Never rejects.
 */
export async function startOffline(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  let isLate = false;
  const patience = new Promise<boolean>((resolve) => {
    setTimeout(() => {
      isLate = true;
      resolve(false);
    }, PATIENCE);
  });
  try {
    return await Promise.race([register(navigator.serviceWorker, () => isLate), patience]);
  } catch {
    // Private windows and odd hosts refuse service workers.
    return false;
  }
}

/** @param isLate has the page begun without waiting? Then it is not reloaded under its reader. */
async function register(
  container: ServiceWorkerContainer,
  isLate: () => boolean,
): Promise<boolean> {
  await container.register(new URL('offline.sw.js', document.baseURI), { type: 'module' });
  const registration = await container.ready;
  if (container.controller === null) {
    await new Promise((resolve) => {
      container.addEventListener('controllerchange', resolve, { once: true });
    });
  }
  if (!crossOriginIsolated && !isLate() && sessionStorage.getItem(RELOADED) === null) {
    sessionStorage.setItem(RELOADED, '1');
    location.reload();
  }
  const urls = performance.getEntriesByType('resource').map(({ name }) => name);
  const message: KeepMessage = { type: 'keep', urls };
  registration.active?.postMessage(message);
  return true;
}
