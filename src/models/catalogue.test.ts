import { expect, it } from 'vitest';
import { readJson } from '../../e2e/lib/golden.ts';
import { CATALOGUE, EMBEDDED } from './catalogue.ts';
import { parseManifest, sourceOf } from './manifest.ts';
import { isCommit, parseReference } from './reference.ts';
import { bytesOf } from './source.ts';

it('lists each model once, by an id that is no name of the hub', () => {
  const ids = CATALOGUE.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(parseReference(id).kind).toBe('catalogue');
});

it('names repositories that the hub could have, and pins whole commits', () => {
  const origins = CATALOGUE.flatMap(({ origin }) => (origin.kind === 'embedded' ? [] : [origin]));
  for (const { repo } of origins) expect(parseReference(repo).kind).toBe('hub');
  const pins = origins.map((origin) => (origin.kind === 'hub' ? origin.revision : null));
  expect(pins.filter((pin) => pin !== null).every(isCommit)).toBe(true);
});

it('says of nothing at the hub that it was tried', () => {
  const tried = CATALOGUE.filter(({ isVerified }) => isVerified);
  expect(tried.map(({ id }) => id)).toEqual([EMBEDDED.id]);
  const untried = CATALOGUE.filter(({ isVerified }) => !isVerified);
  expect(untried.flatMap(({ dtypes }) => dtypes).some(({ isExact }) => isExact)).toBe(false);
});

it('does not list the export that lacks DeepStack', () => {
  expect(JSON.stringify(CATALOGUE)).not.toContain('Qwen3-VL-2B-Instruct-ONNX');
});

it('tells the size of the embedded model within a tenth', () => {
  const folder = 'public/models/ergo-tiny';
  const source = sourceOf(parseManifest(readJson(folder, 'manifest.json')), { baseUrl: 'x:/' });
  const [dtype] = EMBEDDED.dtypes;
  const bytes = bytesOf(source, dtype?.name ?? '');
  expect(Math.abs((dtype?.bytes ?? 0) / bytes - 1)).toBeLessThan(0.1);
});
