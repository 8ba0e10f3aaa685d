/** The few statistics that reports need. Twins in training/runtime/scoring.py, which round halves to even. */

/** Half width of the 95 % interval of a normal distribution. */
const Z = 1.959964;

/** @returns the 95 % interval of a proportion (Wilson 1927), 4 decimals; null for no items */
export function wilson(hits: number, n: number): readonly [number, number] | null {
  if (n === 0) return null;
  const p = hits / n;
  const zz = Z * Z;
  const centre = p + zz / (2 * n);
  const spread = Z * Math.sqrt((p * (1 - p)) / n + zz / (4 * n * n));
  const scale = 1 + zz / n;
  return [
    rounded(Math.max(0, (centre - spread) / scale)),
    rounded(Math.min(1, (centre + spread) / scale)),
  ];
}

/** Of a sorted copy, linear between neighbours (NumPy's default). Null for no values. */
export function quantile(values: readonly number[], q: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) return null;
  return low + (high - low) * (at - Math.floor(at));
}

/** Null for no values. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p90: number | null;
}

export function percentiles(values: readonly number[]): Percentiles {
  return { p50: rounded(quantile(values, 0.5)), p90: rounded(quantile(values, 0.9)) };
}

/** Null for no values. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** To 4 decimals, enough for any share of some thousand items. */
export function rounded(value: number): number;
export function rounded(value: number | null): number | null;
export function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10_000) / 10_000;
}
