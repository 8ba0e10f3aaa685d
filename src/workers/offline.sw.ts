/**
 * Keeps the page, its scripts and the runtime as they are fetched, so that a reload without a
 * network still answers; makes the page cross-origin isolated on hosts that send no headers.
 * Bundled as offline.sw.js beside index.html, because its folder is the scope it may serve.
 */
import type { KeepMessage } from '../core/contracts/offline.ts';
import { isolated, ruleFor } from './offline-rules.ts';

declare const self: ServiceWorkerGlobalScope;

const CACHE_NAME = 'ergo-shell-1';
const scope = self.registration.scope;

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { method, url, mode, headers } = request;
  switch (ruleFor({ method, url, mode, isRange: headers.has('range') }, scope)) {
    case 'page':
      return event.respondWith(page(request));
    case 'immutable':
      return event.respondWith(immutable(request));
    case 'fresh':
      return event.respondWith(fresh(request));
    case 'leave':
  }
});

/** The first visit's files were loaded before there was a service worker to keep them. */
self.addEventListener('message', (event: ExtendableMessageEvent) => {
  const message = event.data as KeepMessage;
  if (message.type !== 'keep') return;
  event.waitUntil(Promise.allSettled([scope, ...message.urls].map(keep)));
});

async function keep(url: string): Promise<void> {
  const rule = ruleFor({ method: 'GET', url, mode: 'cors', isRange: false }, scope);
  const cache = await caches.open(CACHE_NAME);
  if (rule === 'leave' || (await cache.match(url))) return;
  const response = await fetch(url);
  if (response.ok) await cache.put(url, response);
}

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE_NAME);
  const kept = await cache.match(scope);
  try {
    const response = await fetch(request);
    if (!response.ok) return isolated(response);
    const html = await response.clone().text();
    // A page that changed is a new build: what the old one was made of is not asked for again.
    if (kept && html !== (await kept.clone().text())) await forgetAssets(cache);
    await cache.put(scope, response.clone());
    return isolated(response);
  } catch (error) {
    if (kept) return isolated(kept);
    throw error;
  }
}

async function immutable(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE_NAME);
  const kept = await cache.match(request.url);
  return isolated(kept ?? (await fetchAndKeep(cache, request)));
}

async function fresh(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE_NAME);
  try {
    return isolated(await fetchAndKeep(cache, request));
  } catch (error) {
    const kept = await cache.match(request.url);
    if (kept) return isolated(kept);
    throw error;
  }
}

async function fetchAndKeep(cache: Cache, request: Request): Promise<Response> {
  const response = await fetch(request);
  // A full disk must not take the answer away from the page.
  if (response.status === 200)
    await cache.put(request.url, response.clone()).catch(() => undefined);
  return response;
}

async function forgetAssets(cache: Cache): Promise<void> {
  const requests = await cache.keys();
  const old = requests.filter(({ url }) => url.startsWith(`${scope}assets/`));
  await Promise.all(old.map((request) => cache.delete(request)));
}
