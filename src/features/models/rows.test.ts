import { describe, expect, it } from 'vitest';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import { CATALOGUE } from '../../models/catalogue.ts';
import type { StoredModel } from '../../models/store/library.ts';
import type { ModelOffer } from '../backend/offer.ts';
import { referenceOfRow, rowsOf } from './rows.ts';

const PAGE = 'https://page.example/app/';
const pinned = CATALOGUE.flatMap(({ id, origin }) =>
  origin.kind === 'hub' && origin.revision !== null ? [{ id, ...origin }] : [],
)[0];
if (!pinned) throw new Error('The catalogue pins nothing.');
const reference = `${pinned.repo}@${pinned.revision}`;

const kept = (reference: string) => ({ reference, name: reference }) as StoredModel;
const named = (reference: string) =>
  ({ source: { reference }, profile: { ...TINY_PROFILE, name: reference } }) as ModelOffer;

describe('the list of models', () => {
  it('has the whole catalogue before anything is stored', () => {
    const rows = rowsOf([], [], PAGE);
    expect(rows.map(({ reference }) => reference)).toEqual(CATALOGUE.map(({ id }) => id));
  });

  it('tells of an entry that it is stored', () => {
    const rows = rowsOf([kept(reference), kept(`${PAGE}models/ergo-tiny/`)], [], PAGE);
    expect(rows).toHaveLength(CATALOGUE.length);
    const stored = rows.filter(({ stored }) => stored !== null).map(({ reference }) => reference);
    expect(stored).toEqual([CATALOGUE[0].id, pinned.id]);
  });

  it('begins with what is not of the catalogue, once each', () => {
    const other = `${pinned.repo}@${'0'.repeat(40)}`;
    const rows = rowsOf([kept(other), kept('a/b@1')], [named('a/b@1'), named(reference)], PAGE);
    expect(rows.slice(0, 2).map(({ reference }) => reference)).toEqual(['a/b@1', other]);
    expect(rows).toHaveLength(CATALOGUE.length + 2);
    expect(rows[0]).toMatchObject({ stored: { reference: 'a/b@1' }, entry: null });
    expect(rows.find(({ reference }) => reference === pinned.id)?.offer).not.toBeNull();
  });

  it('finds the row of the model in use', () => {
    expect(referenceOfRow(reference, PAGE)).toBe(pinned.id);
    expect(referenceOfRow(`${PAGE}models/ergo-tiny/`, PAGE)).toBe(CATALOGUE[0].id);
    expect(referenceOfRow('a/b@1', PAGE)).toBe('a/b@1');
  });
});
