/** The page's side of the service worker (src/workers/offline.sw.ts). */
import type { DeviceKind } from '../../core/contracts/model.ts';
import type { OfflineMessage } from '../../core/contracts/offline.ts';

/** A page without a service worker works too; it is not worth a longer wait. Milliseconds. */
const PATIENCE = 3000;
/** Between two looks for a new build, in a tab that is left open. Milliseconds. */
const UPDATE_EVERY = 3_600_000;
const RELOADED = 'ergo-reloaded-for-isolation';

/** A new build: waiting for a person's word, or taken over already by another tab. */
export type Update = 'waiting' | 'elsewhere';

type Listener = (update: Update) => void;

let registering: Promise<ServiceWorkerRegistration> | undefined;
let isReloading = false;

/**
 * Registers the service worker. A page that is not isolated waits for it for a while, and is
 * reloaded once where that isolates it; call it before anything is shown that would be lost. The
 * development server has no bundle of it, so nothing comes of it there. Never rejects.
 */
export async function startOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registered = register(navigator.serviceWorker);
  // Private windows and odd hosts refuse service workers.
  registered.catch(() => undefined);
  if (crossOriginIsolated) return;
  let isLate = false;
  const patience = new Promise<void>((resolve) => {
    setTimeout(() => {
      isLate = true;
      resolve();
    }, PATIENCE);
  });
  // A page that has begun without waiting is not reloaded under its reader.
  const isolated = registered.then(() => isolate(navigator.serviceWorker, () => isLate));
  await Promise.race([isolated.catch(() => undefined), patience]);
}

/** A model runs: its runtime and the gallery are kept for the next visit, which may be offline. */
export async function keepForLater(device: DeviceKind): Promise<void> {
  if (!registering) return;
  await registering.catch(() => undefined);
  const { active } = await navigator.serviceWorker.ready;
  tell(active, { type: 'keep', device });
}

/** Calls back whenever there is a new build, also one that was there before the call. */
export async function watchForUpdates(onUpdate: Listener): Promise<void> {
  if (!registering) return;
  const registration = await registering;
  const container = navigator.serviceWorker;
  let isControlled = container.controller !== null;
  container.addEventListener('controllerchange', () => {
    // The first one to control this page is no new build.
    if (isControlled && !isReloading) onUpdate('elsewhere');
    isControlled = true;
  });
  const look = (worker: ServiceWorker | null): void => {
    const isNew = worker?.state === 'installed' && container.controller !== null;
    if (isNew) onUpdate('waiting');
  };
  look(registration.waiting);
  const follow = (worker: ServiceWorker | null): void =>
    worker?.addEventListener('statechange', () => look(worker));
  follow(registration.installing);
  registration.addEventListener('updatefound', () => follow(registration.installing));
  askNowAndThen(registration);
}

/** Goes over to the new build. Everything that is open in this tab is gone then. */
export async function takeUpdate(): Promise<void> {
  const registration = await registering;
  isReloading = true;
  if (!registration?.waiting) return location.reload();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
  });
  tell(registration.waiting, { type: 'take-over' });
}

function register(container: ServiceWorkerContainer): Promise<ServiceWorkerRegistration> {
  registering ??= container.register(new URL('offline.sw.js', document.baseURI), {
    type: 'module',
  });
  // One that could not be installed is asked for again in the next attempt.
  registering.catch(() => (registering = undefined));
  return registering;
}

async function isolate(container: ServiceWorkerContainer, isLate: () => boolean): Promise<void> {
  await container.ready;
  if (container.controller === null) {
    await new Promise((resolve) => {
      container.addEventListener('controllerchange', resolve, { once: true });
    });
  }
  if (isLate() || sessionStorage.getItem(RELOADED) !== null) return;
  sessionStorage.setItem(RELOADED, '1');
  location.reload();
}

/** Browsers look at every visit; a tab may stay open for weeks. */
function askNowAndThen(registration: ServiceWorkerRegistration): void {
  let asked = Date.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || Date.now() - asked < UPDATE_EVERY) return;
    asked = Date.now();
    registration.update().catch(() => undefined);
  });
}

function tell(worker: ServiceWorker | null, message: OfflineMessage): void {
  worker?.postMessage(message, []);
}
