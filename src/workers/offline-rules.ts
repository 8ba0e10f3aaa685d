/** What the service worker does with a request, and the headers it adds. Imported by nothing else. */

/**
 * `immutable`: the name holds a hash of the content, so a kept copy is as good as a new one.
 * `page`: the page itself; the newest if there is a network. `fresh`: the same for other files.
 * `leave`: not ours. Weights have a store of their own (src/models) and are not kept twice; ranges
 * cannot be kept at all.
 */
export type Rule = 'immutable' | 'page' | 'fresh' | 'leave';

export interface RequestFacts {
  readonly method: string;
  readonly url: string;
  readonly mode: string;
  readonly isRange: boolean;
}

/** @param scope URL of the folder that the page lies in, with a slash at its end */
export function ruleFor({ method, url, mode, isRange }: RequestFacts, scope: string): Rule {
  if (method !== 'GET' || isRange || !url.startsWith(scope)) return 'leave';
  const path = url.slice(scope.length).replace(/[?#].*/, '');
  if (mode === 'navigate' && (path === '' || path === 'index.html')) return 'page';
  if (path.startsWith('models/') || path.startsWith('bench/')) return 'leave';
  return path.startsWith('assets/') ? 'immutable' : 'fresh';
}

/**
 * The same response with the headers that make a page cross-origin isolated: without them there is
 * no SharedArrayBuffer, and wasm runs on one thread. Static hosts do not send them.
 */
export function isolated(response: Response): Response {
  // An opaque or empty response cannot be built anew.
  if (response.status === 0 || response.body === null) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
