/** What a model of the list needs, as far as that is known before it is downloaded. */
import type { Row } from './rows.ts';
import type { Need } from './verdict.ts';

export interface Size {
  readonly bytes: number;
  /** False: from a listing, or rounded. */
  readonly isExact: boolean;
}

/** Of its download; null where nobody said. */
export function sizeOf({ entry, offer, stored }: Row): Size | null {
  if (offer) return { bytes: offer.bytes, isExact: true };
  if (stored) return { bytes: stored.totalBytes, isExact: true };
  return entry?.dtypes[0] ?? null;
}

/** Null where nothing is known that could be judged. */
export function needOf(row: Row): Need | null {
  const { entry, offer, stored } = row;
  const size = sizeOf(row);
  if (size === null) return null;
  const dtype = offer?.dtype ?? stored?.dtypes[0] ?? entry?.dtypes[0]?.name ?? '';
  return {
    totalBytes: size.bytes,
    storedBytes: stored?.storedBytes ?? 0,
    devices: entry?.devices ?? ['webgpu', 'wasm'],
    // Names of precisions are those of the hub's files.
    halfPrecision: /f16|fp16/.test(dtype),
    refusal: null,
  };
}
