/** Two policies on the same items: what one saves, and what that costs in accuracy. */
import type { BenchRun } from './score.ts';
import { mean, percentiles, quantile, rounded, sum, type Percentiles } from './statistics.ts';

/** Of A/B. Ratios come from the items on which both finished; failures count in the accuracy. */
export interface Pair {
  /** Items that both were asked. */
  readonly n: number;
  /** Median over the items of B's time over A's: above 1, A is faster. */
  readonly medianSpeedup: number | null;
  /** A's time over B's, over the items. */
  readonly timeRatio: Percentiles;
  /** A's vision tokens over B's, both summed. */
  readonly tokenRatio: number | null;
  /** The same of estimated FLOPs. */
  readonly flopRatio: number | null;
  /**
   * The median speedup as a share of the one that the FLOPs allow, which is 1 / flopRatio. Below 1,
   * time goes where no FLOPs are; above 1, A uses the device better than B.
   */
  readonly timeShareOfFlops: number | null;
  /** Of all items, those on which both answered, and the very same. */
  readonly identicalAnswers: number | null;
  /** A's accuracy less B's, as a share. */
  readonly accuracyDifference: number | null;
}

/**
 * @param policies each is compared with all that come after it
 * @param minTokens native tokens that an item needs at least; items of which no run finished have
 *   an unknown size and are left out when this is given
 * @returns by "A/B"
 */
export function pairsOf(
  runs: readonly BenchRun[],
  policies: readonly string[],
  minTokens?: number,
): Record<string, Pair> {
  const large = minTokens === undefined ? runs : atLeast(runs, minTokens);
  const pairs = policies.flatMap((a, index) => policies.slice(index + 1).map((b) => [a, b]));
  return Object.fromEntries(
    pairs.map(([a = '', b = '']) => [`${a}/${b}`, compare(byItem(large, a), byItem(large, b))]),
  );
}

function compare(a: ReadonlyMap<string, BenchRun>, b: ReadonlyMap<string, BenchRun>): Pair {
  const both = [...a].flatMap(([id, one]) => {
    const other = b.get(id);
    return other === undefined ? [] : [{ one, other }];
  });
  const finished = both.filter(({ one, other }) => one.error === null && other.error === null);
  const difference = both.map(({ one, other }) => Number(one.correct) - Number(other.correct));
  const speedups = finished.flatMap(({ one, other }) =>
    one.timings && other.timings ? other.timings.total / one.timings.total : [],
  );
  const ratio = (of: (run: BenchRun) => number | null): number | null => {
    const below = sum(finished.map(({ other }) => of(other) ?? 0));
    return below > 0 ? rounded(sum(finished.map(({ one }) => of(one) ?? 0)) / below) : null;
  };
  const medianSpeedup = quantile(speedups, 0.5);
  const flopRatio = ratio(({ flops }) => flops);
  return {
    n: both.length,
    medianSpeedup: rounded(medianSpeedup),
    timeRatio: percentiles(speedups.map((speedup) => 1 / speedup)),
    tokenRatio: ratio(({ visionTokens }) => visionTokens),
    flopRatio,
    timeShareOfFlops:
      medianSpeedup === null || flopRatio === null ? null : rounded(medianSpeedup * flopRatio),
    identicalAnswers: rounded(
      mean(
        both.map(({ one, other }) => Number(one.answer !== null && one.answer === other.answer)),
      ),
    ),
    accuracyDifference: rounded(mean(difference)),
  };
}

function byItem(runs: readonly BenchRun[], policy: string): Map<string, BenchRun> {
  return new Map(runs.filter((run) => run.policy === policy).map((run) => [run.id, run]));
}

/** A failed run does not know its picture's size, but another policy's run on it may. */
function atLeast(runs: readonly BenchRun[], tokens: number): readonly BenchRun[] {
  const large = new Set(
    runs.filter(({ nativeTokens }) => (nativeTokens ?? 0) >= tokens).map(({ id }) => id),
  );
  return runs.filter(({ id }) => large.has(id));
}
