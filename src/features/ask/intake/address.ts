/** A picture at an address: what addresses are taken, and its bytes. */
import { ErgoError, toErgoError } from '../../../core/errors.ts';

/** More is not a picture that could be looked at here. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * @param text as a person typed or dropped it, or as it stands in a link
 * @param page address of this page: relative addresses belong to it
 * @throws ErgoError `address-invalid`
 */
export function parseAddress(text: string, page: string): URL {
  const written = text.trim();
  const isBare = /^[\w-]+(\.[\w-]+)+(:\d+)?\/\S/.test(written);
  let url: URL;
  try {
    url = new URL(isBare ? `https://${written}` : written, page);
  } catch {
    throw refused('This is not an address.');
  }
  if (written === '' || url.href === page) throw refused('This is not an address of a picture.');
  if (url.username !== '' || url.password !== '') {
    throw refused('An address with a name and a password in it is not taken.');
  }
  const { origin } = new URL(page);
  const isHere = ['localhost', '127.0.0.1'].includes(url.hostname) || url.origin === origin;
  switch (url.protocol) {
    case 'https:':
      return url;
    case 'http:':
      // The page's policy forbids it, and so does every browser where the page comes by https.
      if (isHere) return url;
      throw refused(`${url.host} would have to be asked by https, not by plain http.`);
    case 'data:':
      if (/^data:image\//i.test(url.href)) return url;
      throw refused('This data address holds no picture.');
    case 'blob:':
      if (url.origin === origin) return url;
      throw refused('A blob address can be read by the page only that made it.');
    case 'file:':
      throw refused('A page cannot open a file by its path.');
    default:
      throw refused(`Addresses that begin with ${url.protocol} are not taken.`);
  }
}

function refused(message: string): ErgoError {
  return new ErgoError('address-invalid', message);
}

/** What an address is called on the page. */
export function nameOf(url: URL): string {
  if (url.protocol === 'data:' || url.protocol === 'blob:') return 'A picture without a name';
  const last = url.pathname.split('/').findLast((part) => part !== '') ?? '';
  try {
    return decodeURIComponent(last) || url.host;
  } catch {
    return last;
  }
}

/** Who is asked for it. */
export function hostOf(url: URL): string {
  return url.host || 'the address';
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** @param total null where the host does not tell */
  readonly onProgress: (loaded: number, total: number | null) => void;
}

/**
 * Asks for the picture alone: no cookies to other hosts, no word of where it is asked from.
 * @throws ErgoError `address-unreadable`, `address-invalid`, `image-too-large`, `offline`,
 *   `download-interrupted`, `cancelled`
 */
export async function fetchPicture(url: URL, options: FetchOptions): Promise<File> {
  const { signal, onProgress } = options;
  const response = await ask(url, signal);
  const type = (response.headers.get('Content-Type') ?? '').split(';')[0]?.trim() ?? '';
  const length = Number(response.headers.get('Content-Length') ?? 0);
  try {
    checkAnswer(url, response, type);
    checkBytes(length);
  } catch (error) {
    await response.body?.cancel().catch(() => undefined);
    throw error;
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  try {
    const reader = response.body?.getReader();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      parts.push(next.value);
      loaded += next.value.length;
      if (loaded > MOST_BYTES) await reader?.cancel();
      checkBytes(loaded);
      // What is packed on its way has another length.
      onProgress(loaded, length >= loaded ? length : null);
    }
  } catch (thrown) {
    if (signal.aborted) throw toErgoError(signal.reason, 'cancelled');
    if (thrown instanceof ErgoError) throw thrown;
    const message = `${hostOf(url)} broke off while it sent the picture.`;
    throw new ErgoError('download-interrupted', message, { cause: thrown });
  }
  return new File(parts, nameOf(url), { type });
}

async function ask(url: URL, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { credentials: 'same-origin', referrerPolicy: 'no-referrer', signal });
  } catch (cause) {
    if (signal.aborted) throw new ErgoError('cancelled', 'Fetching the picture was stopped.');
    if (url.protocol === 'data:') throw refused('This data address cannot be read.');
    if (url.protocol === 'blob:') throw refused('This blob address is not there any more.');
    const message = `${hostOf(url)} did not give the picture to this page.`;
    // A browser does not tell why: no network, no such host, or a host that allows no other page.
    if (!navigator.onLine) throw new ErgoError('offline', message, { cause });
    // The page's own host lets it read everything.
    const isOwn = url.origin === globalThis.location?.origin;
    if (isOwn)
      throw new ErgoError('download-interrupted', `${url.host} did not answer.`, { cause });
    throw new ErgoError('address-unreadable', message, { cause });
  }
}

function checkAnswer(url: URL, { ok, status }: Response, type: string): void {
  const host = hostOf(url);
  if (status === 404 || status === 410) {
    throw refused(`${host} has nothing at this address (status ${status}).`);
  }
  if (!ok) {
    throw new ErgoError('address-unreadable', `${host} answered with status ${status}.`);
  }
  // The decoder judges what calls itself a picture, or nothing in particular.
  if (/^(text\/(html|xml)|application\/(json|pdf|xhtml|xml)|audio\/|video\/)/i.test(type)) {
    throw refused(`At this address is no picture (${type}).`);
  }
}

function checkBytes(bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  const limit = `${Math.round(MOST_BYTES / 1e6)} MB`;
  throw new ErgoError('image-too-large', `The picture has more than ${limit}.`);
}
