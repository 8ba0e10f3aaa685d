/** The hub that models are read from: Hugging Face's, or a mirror that a person has set. */
import { HUB, parseHub } from '../../models/hub/address.ts';

const SETTING = 'ergo-hub';

/** The address (`?hub=URL`) goes before the setting; what cannot be read counts as not set. */
export function hubInUse(): string {
  const asked = new URLSearchParams(location.search).get('hub');
  for (const text of [asked, localStorage.getItem(SETTING)]) {
    if (text === null) continue;
    try {
      return parseHub(text);
    } catch {
      // Written by hand into the address or by an older version.
    }
  }
  return HUB;
}

/**
 * @param text as a person wrote it; null or empty: Hugging Face's own again
 * @returns what is used now
 * @throws ErgoError `bad-request`
 */
export function setHub(text: string | null): string {
  if (text === null || text.trim() === '') localStorage.removeItem(SETTING);
  else localStorage.setItem(SETTING, parseHub(text));
  return hubInUse();
}
