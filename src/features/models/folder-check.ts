/** The check of a picked folder, which has no place in the store: kept for the next time it is picked. */
import type { CheckResult } from '../../core/check/check.ts';
import type { ModelOffer } from '../backend/offer.ts';
import { wholeCheck } from './check-note.ts';

interface Kept {
  readonly identity: string;
  readonly report: unknown;
}

/** @returns null where none was kept, or the folder holds something else now */
export function readFolderCheck(offer: ModelOffer): CheckResult | null {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(offer)) ?? 'null') as Kept | null;
    return kept?.identity === identityOf(offer) ? wholeCheck(kept.report) : null;
  } catch {
    // Storage that is switched off, or something of another version.
    return null;
  }
}

/** One per model: another folder of the same model takes its place. */
export function keepFolderCheck(offer: ModelOffer, report: CheckResult): void {
  try {
    const kept: Kept = { identity: identityOf(offer), report };
    localStorage.setItem(keyOf(offer), JSON.stringify(kept));
  } catch {
    // It is checked again when it is picked again.
  }
}

function keyOf({ profile }: ModelOffer): string {
  return `ergo-folder-check ${profile.id}`;
}

/** What was read of its configuration, and its files: hashes where a manifest tells them. */
function identityOf({ profile, dtype, source }: ModelOffer): string {
  return JSON.stringify([profile, dtype, source.files]);
}
