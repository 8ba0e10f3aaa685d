/** What the service worker keeps, what it does with a request, and the headers it adds. */
import { SHARE, type BuildList } from '../core/contracts/offline.ts';
import type { DeviceKind } from '../core/contracts/model.ts';
import { buildOf, runtimeBuild, type RuntimeBuild } from '../core/contracts/runtime-files.ts';
import pageHeaders from './page-headers.json';

/**
 * When a file of the build is fetched to be kept. `install`: with all others of its kind, before the
 * build is used at all. Builds of the runtime: the one that a model runs on, once it does.
 * `gallery`: after that. `asked`: when the page asks for it, and not before.
 */
type Time = 'install' | RuntimeBuild | 'gallery' | 'asked';

/** @param path below the page's folder, of a file of the build list */
export function timeOf(path: string): Time {
  // The benchmark's pictures are four fifths of the site, and few people ever run it.
  if (path.startsWith('bench/')) return 'asked';
  if (path.startsWith('ort/')) return buildOf(path.slice(4)) ?? 'asked';
  return /^samples\/[^/]+\.jpg$/.test(path) ? 'gallery' : 'install';
}

/** Paths that belong to the page as a whole. */
export function installed(list: BuildList): string[] {
  return Object.keys(list).filter((path) => timeOf(path) === 'install');
}

/** Paths that are fetched once a model runs, the runtime first. */
export function keptLater(list: BuildList, device: DeviceKind): string[] {
  const at = (time: Time): string[] => Object.keys(list).filter((path) => timeOf(path) === time);
  return [...at(runtimeBuild(device)), ...at('gallery')];
}

/**
 * `share`: pictures that another app hands over. `file`: of this build, so its content is known. `earlier`: perhaps of the build before, which
 * another tab still shows. `leave`: not ours. Weights have a store of their own (src/models) and are
 * not kept twice; ranges cannot be kept at all.
 */
export type Rule =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'share' | 'earlier' | 'leave' };

export interface RequestFacts {
  readonly method: string;
  readonly url: string;
  readonly mode: string;
  readonly isRange: boolean;
}

/** @param scope URL of the folder that the page lies in, with a slash at its end */
export function ruleFor(
  { method, url, mode, isRange }: RequestFacts,
  scope: string,
  list: BuildList,
): Rule {
  if (!url.startsWith(scope)) return { kind: 'leave' };
  const path = url.slice(scope.length).replace(/[?#].*/, '');
  if (method === 'POST' && path === SHARE.path) return { kind: 'share' };
  if (method !== 'GET' || isRange) return { kind: 'leave' };
  if (path === '' && mode === 'navigate') return { kind: 'file', path: 'index.html' };
  if (Object.hasOwn(list, path)) return { kind: 'file', path };
  return { kind: path.startsWith('assets/') ? 'earlier' : 'leave' };
}

/** Under which a file is kept: another content has another key, the same one in two builds has one. */
export function keyOf(path: string, list: BuildList, scope: string): string {
  return `${scope}${path}?sha256=${encodeURIComponent(list[path] ?? '')}`;
}

/** Hosts that know no .mjs or .wasm send them as something that browsers do not run. */
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  mjs: 'text/javascript',
  css: 'text/css',
  wasm: 'application/wasm',
  json: 'application/json',
};

export function typeOf(path: string): string | undefined {
  return TYPES[path.slice(path.lastIndexOf('.') + 1)];
}

/**
 * Is this page the one of the build? Some hosts write into pages (a counter, a banner), so that its
 * hash proves nothing; but it names the build's own first script, which a stranger's page does not.
 */
export function isPageOf(html: string, list: BuildList): boolean {
  const scripts = Object.keys(list).filter((path) => /^assets\/index-[^/]*\.js$/.test(path));
  return scripts.some((path) => html.includes(path));
}

/**
 * The same response with the page's headers. Those of isolation matter most: without them there is
 * no SharedArrayBuffer, and wasm runs on one thread. The policy matters for workers, which do not
 * share the page's own. Static hosts send neither.
 */
export function isolated(response: Response): Response {
  // An opaque or empty response cannot be built anew.
  if (response.status === 0 || response.body === null) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(pageHeaders.headers)) headers.set(name, value);
  // A host's own policy is kept: it may be narrower.
  headers.append('Content-Security-Policy', pageHeaders.policy.join('; '));
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
