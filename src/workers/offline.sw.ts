/**
 * Keeps the page, its scripts and the runtime, so that every page opens without a network; makes the
 * page cross-origin isolated on hosts that send no headers. Why it is our own: decision 10.
 * Bundled as offline.sw.js beside index.html, because its folder is the scope it may serve.
 */
import type { BuildList, OfflineMessage } from '../core/contracts/offline.ts';
import { sleep } from '../core/sleep.ts';
import { createBuildFiles } from './offline-files.ts';
import { takeShared } from './offline-share.ts';
import { installed, isolated, keptLater, ruleFor } from './offline-rules.ts';

declare const self: ServiceWorkerGlobalScope;
/** Written in front of this script by `scripts/build-list.ts`. */
declare const BUILD_LIST: BuildList;

const { scope } = self.registration;
const files = createBuildFiles({
  list: BUILD_LIST,
  scope,
  caches,
  fetch: (url, init) => fetch(url, init),
  sleep,
  isOnline: () => navigator.onLine,
});

// All or nothing: a build of which a file is missing is not taken, and the one before stays. It
// also stays until nobody shows it any more, or a person asks for the new one.
self.addEventListener('install', (event) => event.waitUntil(files.keep(installed(BUILD_LIST))));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { method, url, mode, headers } = request;
  const rule = ruleFor({ method, url, mode, isRange: headers.has('range') }, scope, BUILD_LIST);
  if (rule.kind === 'share') event.respondWith(takeShared(request, { scope, caches }));
  else if (rule.kind === 'file') event.respondWith(file(rule.path, request));
  else if (rule.kind === 'earlier') event.respondWith(earlier(request));
});

self.addEventListener('message', (event: ExtendableMessageEvent) => {
  const message = event.data as OfflineMessage;
  if (message.type === 'take-over') return event.waitUntil(self.skipWaiting());
  // What does not come now comes when it is asked for.
  event.waitUntil(files.keep(keptLater(BUILD_LIST, message.device)).catch(() => undefined));
});

async function takeOver(): Promise<void> {
  await files.forgetOlder();
  // Of versions that kept whatever came.
  await caches.delete('ergo-shell-1');
  await self.clients.claim();
}

async function file(path: string, request: Request): Promise<Response> {
  try {
    return isolated(await files.answer(path));
  } catch (error) {
    // Not kept, for want of room: then a portal's sign-in page is what a person needs to see.
    if (request.mode === 'navigate') return fetch(request);
    throw error;
  }
}

async function earlier(request: Request): Promise<Response> {
  return isolated((await files.keptBefore(request.url)) ?? (await fetch(request)));
}
