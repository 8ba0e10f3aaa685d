/** Where a link's run stands: behind "#", so that no server is ever sent it. */

const PLACE = '/run/';

/** @param encoded of `encodeRun` */
export function addressOf(encoded: string): string {
  // Without what stands behind "?": it is about this visit.
  return `${location.origin}${location.pathname}#${PLACE}${encoded}`;
}

/**
 * @param place what stands behind the "#"
 * @returns what `decodeRun` takes; null where it is another page's
 */
export function encodedIn(place: string): string | null {
  return place.startsWith(PLACE) ? place.slice(PLACE.length) : null;
}

/** Of the address as it is now. */
export function encodedHere(): string | null {
  return encodedIn((globalThis.location?.hash ?? '').slice(1));
}
