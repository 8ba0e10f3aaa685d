/** What the panel lists: the catalogue, what is stored beside it, and what was looked up. */
import { CATALOGUE, type CatalogueEntry } from '../../models/catalogue.ts';
import type { StoredModel } from '../../models/store/library.ts';
import type { ModelOffer } from '../backend/offer.ts';

export interface Row {
  /** What `openModel` takes; names the row. */
  readonly reference: string;
  readonly name: string;
  readonly entry: CatalogueEntry | null;
  readonly stored: StoredModel | null;
  /** Known where it was looked up. */
  readonly offer: ModelOffer | null;
}

/**
 * @param found looked up by a person, the latest first
 * @param pageUrl what the embedded model's address is relative to
 */
export function rowsOf(
  stored: readonly StoredModel[],
  found: readonly ModelOffer[],
  pageUrl: string,
): readonly Row[] {
  const storedAs = (is: (reference: string) => boolean): StoredModel | null =>
    stored.find(({ reference }) => is(reference)) ?? null;
  const foundAs = (is: (reference: string) => boolean): ModelOffer | null =>
    found.find(({ source }) => source.reference !== undefined && is(source.reference)) ?? null;

  const listed = CATALOGUE.map((entry): Row => {
    const is = (reference: string): boolean => isOf(entry, reference, pageUrl);
    const { id: reference, name } = entry;
    return { reference, name, entry, stored: storedAs(is), offer: foundAs(is) };
  });
  const others = new Map<string, Row>();
  for (const offer of found) {
    const { reference } = offer.source;
    if (reference === undefined || isListed(reference, pageUrl)) continue;
    const is = (other: string): boolean => other === reference;
    const { name } = offer.profile;
    const row = { reference, name, entry: null, stored: storedAs(is), offer };
    if (!others.has(reference)) others.set(reference, row);
  }
  for (const one of stored) {
    const { reference, name } = one;
    if (isListed(reference, pageUrl) || others.has(reference)) continue;
    others.set(reference, { reference, name, entry: null, stored: one, offer: null });
  }
  return [...others.values(), ...listed];
}

/** The entry that a model of the store or in use belongs to; its name in the panel otherwise. */
export function referenceOfRow(reference: string, pageUrl: string): string {
  return CATALOGUE.find((entry) => isOf(entry, reference, pageUrl))?.id ?? reference;
}

function isListed(reference: string, pageUrl: string): boolean {
  return CATALOGUE.some((entry) => isOf(entry, reference, pageUrl));
}

/** @param reference as a source or the store has it: a commit included, URLs absolute */
function isOf({ origin }: CatalogueEntry, reference: string, pageUrl: string): boolean {
  if (origin.kind === 'embedded') {
    return reference === new URL('.', new URL(origin.url, pageUrl)).href;
  }
  if (origin.kind === 'convert') return false;
  const { repo, revision } = origin;
  return revision === null ? reference.startsWith(`${repo}@`) : reference === `${repo}@${revision}`;
}
