/** Where a link's run stands: behind "#", so that no server is ever sent it. */

const PLACE = '#/run/';

/** @param encoded of `encodeRun` */
export function addressOf(encoded: string): string {
  // Without what stands behind "?": it is about this visit.
  return `${location.origin}${location.pathname}${PLACE}${encoded}`;
}

/** @returns what `decodeRun` takes; null where the address is of another page */
export function encodedIn(hash: string): string | null {
  return hash.startsWith(PLACE) ? hash.slice(PLACE.length) : null;
}
