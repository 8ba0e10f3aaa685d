/** Requests for models: what every one of them has in common, and what happens when one fails. */
import { ErgoError, hasCode, throwIfCancelled, toErgoError } from '../../core/errors.ts';
import { sleep } from '../../core/sleep.ts';
import { refusalOf, type Subject } from './refusal.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
export type Sleep = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

/** Told before a pause. */
export type OnWait = (wait: { readonly milliseconds: number; readonly error: ErgoError }) => void;

export interface Network {
  readonly fetch: Fetch;
  readonly sleep: Sleep;
  /** False where the device itself says that there is no network; absent: not known. */
  readonly isOnline?: () => boolean;
}

export const NETWORK: Network = {
  fetch: (url, init) => globalThis.fetch(url, init),
  sleep,
  isOnline,
};

/** Attempts for a small answer. Large files have more, see transfer.ts. */
const ATTEMPTS = 3;
/** Milliseconds before the second attempt; doubled before each further one. */
export const FIRST_PAUSE = 500;

/**
 * No cookies to foreign hosts; no referrer, because the hub turns some away; no second copy in the
 * browser's cache of what the store keeps.
 */
const COMMON: RequestInit = {
  credentials: 'same-origin',
  referrerPolicy: 'no-referrer',
  cache: 'no-store',
};

/** Waits that a person would sit through; a longer one is told instead. Seconds. */
const SHORT_WAIT = 30;

export interface AskOptions {
  readonly subject: Subject;
  readonly network: Network;
  readonly signal?: AbortSignal | undefined;
  readonly init?: RequestInit;
  readonly onWait?: OnWait | undefined;
}

/**
 * One successful response. Short waits that the server asks for are kept.
 * @throws ErgoError `offline` (nobody answered), `download-interrupted` (the server is in trouble),
 *   `hub-…`, `weights-missing`, `cancelled`
 */
export async function ask(url: string, options: AskOptions): Promise<Response> {
  const { subject, network, signal, init, onWait } = options;
  for (let waits = 0; ; waits++) {
    const response = await answer(url, network.fetch, { ...init, ...(signal && { signal }) });
    if (response.ok) return response;
    const error = refusalOf(response, subject) ?? inTrouble(response, subject);
    await response.body?.cancel().catch(() => undefined);
    const seconds = error.detail?.['waitSeconds'];
    const isShort = typeof seconds === 'number' && seconds <= SHORT_WAIT;
    if (error.code !== 'hub-busy' || !isShort || waits === 3) throw error;
    // Clocks differ: a second more than asked for.
    const milliseconds = 1000 * (seconds + 1);
    onWait?.({ milliseconds, error });
    await network.sleep(milliseconds, signal);
  }
}

/**
 * As `ask`, after failures that may pass again, with pauses that grow; at once where the device says
 * that there is no network.
 * @param read what is wanted of the response; fails if the connection breaks while it comes
 * @throws ErgoError as `ask`
 */
export async function askAgain<T>(
  url: string,
  options: AskOptions,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const { network, signal, subject } = options;
  for (let failures = 1; ; failures++) {
    try {
      const response = await ask(url, options);
      return await read(response).catch((cause: unknown) => {
        throwIfCancelled(signal);
        const message = `${hostOf(url)} broke off while it sent ${subject.file ?? subject.model}.`;
        throw new ErgoError('download-interrupted', message, { cause });
      });
    } catch (thrown) {
      throwIfCancelled(signal);
      const isHopeless = failures === ATTEMPTS || network.isOnline?.() === false;
      if (isHopeless || !isPassing(thrown)) throw thrown;
      const milliseconds = FIRST_PAUSE * 2 ** (failures - 1);
      options.onWait?.({ milliseconds, error: toErgoError(thrown) });
      await network.sleep(milliseconds, signal);
    }
  }
}

/**
 * A small answer as a whole.
 * @throws ErgoError as `ask`
 */
export function askWhole(
  url: string,
  options: AskOptions,
): Promise<{ readonly headers: Headers; readonly bytes: Uint8Array<ArrayBuffer> }> {
  return askAgain(url, options, async (response) => {
    return { headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
  });
}

/** Troubles of the network itself, and of servers: another attempt makes sense. */
export function isPassing(thrown: unknown): boolean {
  return hasCode(thrown, 'offline') || hasCode(thrown, 'download-interrupted');
}

async function answer(url: string, fetch: Fetch, init: RequestInit): Promise<Response> {
  checkAllowed(url);
  try {
    return await fetch(url, { ...COMMON, ...init });
  } catch (cause) {
    throwIfCancelled(init.signal ?? undefined);
    // A browser does not tell why: no network, no such host, or a server that allows no other page.
    throw new ErgoError('offline', `${hostOf(url)} could not be reached.`, { cause });
  }
}

/**
 * The page's policy forbids plain http to other computers; what the browser says about it is no
 * more than that a fetch failed.
 */
function checkAllowed(url: string): void {
  const { protocol, hostname, origin, host } = new URL(url, globalThis.location?.href);
  const isHere = hostname === 'localhost' || hostname === '127.0.0.1';
  if (protocol === 'https:' || isHere || origin === globalThis.location?.origin) return;
  throw new ErgoError('bad-request', `${host} has to be asked by https, not by plain http.`);
}

function inTrouble(response: Response, { file, model }: Subject): ErgoError {
  const message = `The server answered with status ${response.status} for ${file ?? model}.`;
  return new ErgoError('download-interrupted', message, { detail: { status: response.status } });
}

/** Hosts of single-page apps answer everything with their page. */
export function isPage({ headers }: { readonly headers: Headers }): boolean {
  return (headers.get('Content-Type') ?? '').startsWith('text/html');
}

export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** Node has a navigator that does not know. */
function isOnline(): boolean {
  const here = globalThis.navigator as { readonly onLine?: boolean } | undefined;
  return here?.onLine ?? true;
}
