/** How long the rest will take. */
import type { BenchRun } from '../../core/bench/score.ts';
import { namesOf, runName, type Plan } from './settings.ts';

/** Wall time of the runs since the start, by policy. */
export type Spent = Readonly<
  Record<string, { readonly runs: number; readonly milliseconds: number }>
>;

export function spend(before: Spent, policy: string, milliseconds: number): Spent {
  const { runs, milliseconds: sum } = before[policy] ?? { runs: 0, milliseconds: 0 };
  return { ...before, [policy]: { runs: runs + 1, milliseconds: sum + milliseconds } };
}

/**
 * A policy that has not run yet is taken for as slow as the slowest.
 * @returns milliseconds; null before the first run
 */
export function timeLeft(
  { items, settings }: Plan,
  done: readonly BenchRun[],
  spent: Spent,
): number | null {
  const means = Object.values(spent).map(({ runs, milliseconds }) => milliseconds / runs);
  if (means.length === 0) return null;
  const names = new Set(done.map(runName));
  const left = namesOf(settings).map((policy) => {
    const { runs, milliseconds } = spent[policy] ?? { runs: 1, milliseconds: Math.max(...means) };
    const open = items.filter(({ id }) => !names.has(runName({ id, policy }))).length;
    return (open * milliseconds) / runs;
  });
  return left.reduce((sum, milliseconds) => sum + milliseconds, 0);
}

/** "40 s", "7 min", "2 h 10 min" */
export function inWords(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
